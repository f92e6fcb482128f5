import type { FromEnvironment } from '../config.js'
import { namesIn } from '../interpolation.js'
import { isMap } from '../layers.js'
import { looksSecret } from '../literal-secrets.js'
import { ConfigError, type KeyPath, type LocatedProblem } from '../problem.js'
import { addressFault } from './address-text.js'
import type { OnSecret } from './source-config.js'

/** By which texts are filled in. */
export interface Variables {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly fromEnvironment: (path: KeyPath, template: string) => FromEnvironment
}

/**
 * A part of rollout.yml with all its `${NAME}` filled in.
 * @param at where it stands
 * @param onSecret told the value of every variable that stands where a secret belongs
 * @throws ConfigError with a line for each text that cannot be filled in
 */
export async function fillVariables<Part>(
  part: Part,
  at: KeyPath,
  variables: Variables,
  onSecret: OnSecret,
): Promise<Part> {
  const problems: LocatedProblem[] = []
  const fill = async (value: unknown, path: KeyPath): Promise<unknown> => {
    if (typeof value === 'string') return value.includes('${') ? filled(value, path) : value
    if (Array.isArray(value))
      return Promise.all(value.map((item: unknown, index) => fill(item, [...path, index])))
    if (!isMap(value)) return value
    const entries = Object.entries(value).map(
      async ([key, child]) => [key, await fill(child, [...path, key])] as const,
    )
    return Object.fromEntries(await Promise.all(entries))
  }
  const filled = async (template: string, path: KeyPath): Promise<string> => {
    try {
      const fault = path.at(-1) === 'url' ? (given: string) => addressFault(template, given) : undefined
      const text = await variables.fromEnvironment(path, template).value(fault)
      tellSecrets(template, text, path, variables, onSecret)
      return text
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown
      problems.push(...thrown.problems)
      return ''
    }
  }
  const result = await fill(part, at)
  if (problems.length > 0) throw new ConfigError(problems)
  // Only texts were exchanged, for texts.
  return result as Part
}

/** Keys whose values are secrets. */
const SECRET_KEY = /^(?:password|bearer|token|session-token|(?:.+-)?key(?:-id)?)$/

/** Shorter values of headers and in queries are names of tenants and the like, which would mask half of the log. */
const SHORTEST_SECRET = 8

/** A variable is a secret by where it stands, in headers always, or by its own name: `STATS_TOKEN` in a path. */
function tellSecrets(
  template: string,
  text: string,
  path: KeyPath,
  { env }: Variables,
  onSecret: OnSecret,
): void {
  const isSecretPlace = SECRET_KEY.test(String(path.at(-1))) && !path.includes('headers')
  for (const name of namesIn(template)) {
    const value = env[name] ?? ''
    const maybe = path.includes('headers') || looksSecret(name, undefined)
    if (isSecretPlace || (maybe && value.length >= SHORTEST_SECRET)) onSecret(`the variable ${name}`, value)
  }
  for (const password of passwordsIn(text)) onSecret(`the password in ${path.join('.')}`, password)
}

/** The password of an address, as it is written and as it is meant. */
function passwordsIn(address: string): readonly string[] {
  if (!URL.canParse(address)) return []
  const written = new URL(address).password
  if (written === '') return []
  try {
    return [...new Set([written, decodeURIComponent(written)])]
  } catch {
    // Not percent-encoded: then there is only the one form.
    return [written]
  }
}
