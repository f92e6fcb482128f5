/**
 * Request bodies as GitHub's OpenAPI description publishes them. The compiler holds the models against the package
 * that GitHub generates from it (`@octokit/openapi-types`): a key too many, too few, or wrongly required is an error.
 */
import type { operations } from '@octokit/openapi-types'

type BodyOf<Name extends keyof operations> = operations[Name] extends {
  requestBody: { content: { 'application/json': infer Body } }
}
  ? Body
  : never

type IsRequired<Body, Key extends keyof Body> = object extends Pick<Body, Key> ? false : true

/** What a value may be: a JSON type, one of some strings, or any of several. */
type Allowed = 'string' | 'boolean' | 'integer' | 'object' | 'strings' | 'null' | { oneOf: readonly string[] }

type Model<Body> = {
  [Key in keyof Required<Body>]: { required: IsRequired<Body, Key>; allowed: readonly Allowed[] }
}

export type RequestModel = Record<string, { required: boolean; allowed: readonly Allowed[] }>

const optional = (...allowed: Allowed[]): { required: false; allowed: Allowed[] } => ({
  required: false,
  allowed,
})
const needed = (...allowed: Allowed[]): { required: true; allowed: Allowed[] } => ({
  required: true,
  allowed,
})

const createDeployment: Model<BodyOf<'repos/create-deployment'>> = {
  ref: needed('string'),
  task: optional('string'),
  auto_merge: optional('boolean'),
  required_contexts: optional('strings'),
  payload: optional('object', 'string'),
  environment: optional('string'),
  description: optional('string', 'null'),
  transient_environment: optional('boolean'),
  production_environment: optional('boolean'),
}

const states: readonly BodyOf<'repos/create-deployment-status'>['state'][] = [
  'error',
  'failure',
  'inactive',
  'in_progress',
  'queued',
  'pending',
  'success',
]

const createDeploymentStatus: Model<BodyOf<'repos/create-deployment-status'>> = {
  state: needed({ oneOf: states }),
  target_url: optional('string'),
  log_url: optional('string'),
  description: optional('string'),
  environment: optional('string'),
  environment_url: optional('string'),
  auto_inactive: optional('boolean'),
}

const createRef: Model<BodyOf<'git/create-ref'>> = { ref: needed('string'), sha: needed('string') }

const updateRef: Model<BodyOf<'git/update-ref'>> = { sha: needed('string'), force: optional('boolean') }

export const requestModels = { createDeployment, createDeploymentStatus, createRef, updateRef }

/** What GitHub says is wrong with a body, in its words; empty if nothing is. */
export function problemsOfBody(body: Record<string, unknown>, model: RequestModel): string[] {
  const unknown = Object.keys(body).filter((key) => !(key in model))
  const missing = Object.entries(model).filter(([key, rule]) => rule.required && body[key] === undefined)
  const wrong = Object.entries(model).filter(
    ([key, rule]) => body[key] !== undefined && !rule.allowed.some((allowed) => fits(body[key], allowed)),
  )
  return [
    ...missing.map(([key]) => `"${key}" wasn't supplied.`),
    ...unknown.map((key) => `"${key}" is not a permitted key.`),
    ...wrong.map(
      ([key, rule]) =>
        `For '${key}', ${JSON.stringify(body[key])} is not ${rule.allowed.map(nameOf).join(' or ')}.`,
    ),
  ]
}

function fits(value: unknown, allowed: Allowed): boolean {
  if (typeof allowed === 'object') return typeof value === 'string' && allowed.oneOf.includes(value)
  if (allowed === 'null') return value === null
  if (allowed === 'integer') return Number.isInteger(value)
  if (allowed === 'strings') return Array.isArray(value) && value.every((item) => typeof item === 'string')
  if (allowed === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === allowed
}

function nameOf(allowed: Allowed): string {
  return typeof allowed === 'object' ? `one of ${allowed.oneOf.join(', ')}` : `a ${allowed}`
}
