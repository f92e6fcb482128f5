import type { KeyPath } from './problem.js'
import type { RolloutFile, Settings } from './rollout-schema.js'

type Map = Readonly<Record<string, unknown>>

export function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where the overrides of a service in an environment stand, the weakest first. */
export function layerPaths(service: string | undefined, environment: string | undefined): KeyPath[] {
  const paths: KeyPath[] = [[]]
  if (service !== undefined) paths.push(['services', service])
  if (environment !== undefined) paths.push(['environments', environment])
  if (service !== undefined && environment !== undefined) {
    paths.push(['services', service, 'environments', environment])
  }
  return paths
}

/** What stands at a path of a document, or undefined. */
export function valueAt(document: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return typeof part === 'number' ? value[part] : undefined
    return isMap(value) && Object.hasOwn(value, part) ? value[part] : undefined
  }, document)
}

/** Maps are merged key by key; lists and values replace what they override. */
function mergeMaps(base: Map, over: Map, at = ''): Map {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key]
    const path = at === '' ? key : `${at}.${key}`
    const merges = isMap(below) && isMap(value) && !(NAMES_ONE.test(path) && !namesTheSame(below, value))
    merged[key] = merges ? mergeMaps(below, value, path) : value
  }
  return merged
}

/** Maps that name one of several kinds: another kind is not merged with what it overrides. */
const NAMES_ONE = /^analysis\.(?:source|sources\.[^.]+)$/

function namesTheSame(one: Map, other: Map): boolean {
  return Object.keys(one).join() === Object.keys(other).join()
}

/** `header` and `json` say the same thing in two ways: overriding one puts the other out of force. */
function withoutOtherMark(base: Settings, over: Settings): Settings {
  if (base.confirm === undefined || over.confirm === undefined) return base
  const { header, json, ...rest } = base.confirm
  if (over.confirm.header === undefined && over.confirm.json === undefined) return base
  return header === undefined && json === undefined ? base : { ...base, confirm: rest }
}

/** The settings of one service in one environment, with everything that overrides them. */
export function mergedSettings(
  file: RolloutFile,
  service: string | undefined,
  environment: string | undefined,
): Settings {
  const {
    service: _service,
    services: _services,
    environment: _environment,
    environments: _environments,
    ...top
  } = file
  const ofService = service === undefined ? undefined : file.services?.[service]
  const { environments: serviceEnvironments, ...serviceSettings } = ofService ?? {}
  const layers: Settings[] = [serviceSettings]
  if (environment !== undefined) {
    layers.push(file.environments?.[environment] ?? {}, serviceEnvironments?.[environment] ?? {})
  }
  return layers.reduce<Settings>((base, over) => mergeMaps(withoutOtherMark(base, over), over), top)
}
