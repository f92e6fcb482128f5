import { nearest } from '../rollout/nearest.js'
import type { KeyPath, Problem } from './problem.js'
import type { RolloutFile } from './rollout-schema.js'

/** Which part of the file a step asks for. */
export interface Selection {
  /** Name of the service; empty if there is a problem. */
  readonly service: string
  /** Its key in `services:`, if the file has them. */
  readonly layer: string | undefined
  readonly environment: string | undefined
  readonly problems: readonly Problem[]
}

/** What a step asks for: the inputs `service` and `environment`. */
export interface Wanted {
  readonly service?: string | undefined
  readonly environment?: string | undefined
}

/** Finds the service and the environment that are asked for; an unknown name is a problem, never a guess. */
export function select(file: RolloutFile, wanted: Wanted): Selection {
  const { service, layer, problem } =
    file.services === undefined ? onlyService(file, wanted) : oneService(file, wanted)
  const environment = wanted.environment ?? file.environment
  const unknown = environment === undefined ? undefined : unknownEnvironment(file, layer, environment)
  return { service, layer, environment, problems: [problem, unknown].filter((one) => one !== undefined) }
}

interface ServiceChoice {
  readonly service: string
  readonly layer: string | undefined
  readonly problem?: Problem
}

function onlyService(file: RolloutFile, wanted: Wanted): ServiceChoice {
  const service = file.service
  if (service === undefined) {
    return refused(
      ['service'],
      'is missing; allowed: the name of what is deployed (service: shop), or several in a map services:',
    )
  }
  if (wanted.service !== undefined && wanted.service !== service) {
    return refused(
      ['service'],
      `the step asks for service ${quoted(wanted.service)}; this file describes ${service}`,
    )
  }
  return { service, layer: undefined }
}

function oneService(file: RolloutFile, wanted: Wanted): ServiceChoice {
  const names = Object.keys(file.services ?? {})
  if (file.service !== undefined) {
    return refused(
      ['service'],
      'service and services exclude each other; keep the one that describes this file',
    )
  }
  const service = wanted.service ?? (names.length === 1 ? names[0] : undefined)
  if (service === undefined) {
    return names.length === 0
      ? refused(
          ['services'],
          'is empty; allowed: a map from names to overrides, such as services: { web: {} }',
        )
      : refused(
          ['services'],
          `the step does not say which service; give it the input service: ${listed(names)}`,
        )
  }
  if (!names.includes(service)) {
    return refused(
      ['services'],
      `the step asks for service ${quoted(service)}; this file has ${listed(names)}`,
    )
  }
  return { service, layer: service }
}

function unknownEnvironment(
  file: RolloutFile,
  layer: string | undefined,
  environment: string,
): Problem | undefined {
  const ofService = layer === undefined ? undefined : file.services?.[layer]?.environments
  const described = file.environments !== undefined || ofService !== undefined
  const names = new Set([...Object.keys(file.environments ?? {}), ...Object.keys(ofService ?? {})])
  if (file.environment !== undefined) names.add(file.environment)
  if (!described || names.has(environment)) return undefined
  const path: KeyPath =
    file.environments === undefined ? ['services', layer ?? '', 'environments'] : ['environments']
  const abbreviated = [...names].find((name) => name.startsWith(environment) || environment.startsWith(name))
  const near = nearest(environment, [...names]) ?? abbreviated
  return {
    path,
    mark: 'key',
    message:
      `the step asks for environment ${quoted(environment)}; this file has ${listed([...names])}` +
      `${near === undefined ? '' : ` (did you mean ${near}?)`}. ` +
      `If the keys outside of environments: describe it, say so: environment: ${environment}`,
  }
}

function refused(path: KeyPath, message: string): ServiceChoice {
  return { service: '', layer: undefined, problem: { path, mark: 'key', message } }
}

const quoted = (name: string): string => JSON.stringify(name)

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
