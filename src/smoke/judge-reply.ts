import type { VersionMark } from '../rollout/ports/witness.js'
import { messageOf } from '../rollout/user-error.js'
import type { Reply } from './ask.js'
import { harmless } from './harmless-text.js'
import { valuesAt } from './json-path.js'
import type { Expectation } from './smoke-check.js'

/** The release that must have answered, and where an answer names it. */
export interface ExpectedVersion {
  readonly version: string
  readonly from: VersionMark
}

/** Takes secrets out of a text. */
export type Redact = (text: string) => string

/**
 * What is wrong with an answer, a sentence each; empty if it is as expected. A server may repeat what it was sent:
 * secrets are taken out before a text is cut, since a part of one would not be recognised any more.
 */
export async function faultsOf(
  reply: Reply,
  expected: Expectation,
  version: ExpectedVersion | undefined,
  redact: Redact,
): Promise<readonly string[]> {
  const shown: Reply = { ...reply, body: redact(reply.body), headers: redacted(reply.headers, redact) }
  const wrongVersion = version === undefined ? undefined : await versionFault(reply, version, redact)
  const missing = expected.contains.filter((text) => !reply.body.includes(text))
  return [
    ...(expected.status.includes(reply.status)
      ? []
      : [
          `status ${reply.status}${redirectOf(shown)} instead of ${expected.status.join(' or ')}${bodyOf(shown)}`,
        ]),
    ...(wrongVersion === undefined ? [] : [wrongVersion]),
    ...missing.map(
      (text) => `the body does not contain ${JSON.stringify(harmless(redact(text)))}${bodyOf(shown)}`,
    ),
    ...(await jsonFaults(reply, shown, expected.json, redact)),
    ...(reply.ms <= expected.withinMs
      ? []
      : [`the answer took ${Math.round(reply.ms)} ms instead of at most ${expected.withinMs} ms`]),
  ]
}

function redacted(headers: Reply['headers'], redact: Redact): Reply['headers'] {
  const entries = Object.entries(headers)
  return Object.fromEntries(entries.map(([name, value]) => [name, value && redact(value)]))
}

/** A test of the wrong slot must not pass. */
async function versionFault(
  reply: Reply,
  { version, from }: ExpectedVersion,
  redact: Redact,
): Promise<string | undefined> {
  const found =
    from.kind === 'header' ? reply.headers[from.name.toLowerCase()] : await firstValue(reply.body, from.path)
  if (found === version) return undefined
  const where = from.kind === 'header' ? `header ${from.name}` : from.path
  if (found === undefined || found === '')
    return `the answer names no version (${where}); expected: ${version}`
  return `version ${harmless(redact(found))} answered instead of ${version} (${where})`
}

async function jsonFaults(
  reply: Reply,
  shown: Reply,
  wanted: Expectation['json'],
  redact: Redact,
): Promise<readonly string[]> {
  const faults = await Promise.all(
    Object.entries(wanted).map(([path, value]) => jsonFault(reply, shown, path, value, redact)),
  )
  return faults.filter((fault) => fault !== undefined)
}

async function jsonFault(
  reply: Reply,
  shown: Reply,
  path: string,
  value: unknown,
  redact: Redact,
): Promise<string | undefined> {
  try {
    const values = await valuesAt(reply.body, path)
    if (values.some((found) => found === value)) return undefined
    const found =
      values.length === 0 ? 'nothing' : harmless(redact(values.map((one) => JSON.stringify(one)).join(', ')))
    return `${path} is ${found} instead of ${redact(JSON.stringify(value))}`
  } catch (thrown) {
    return `${path} cannot be read: ${harmless(redact(messageOf(thrown)))}${bodyOf(shown)}`
  }
}

async function firstValue(body: string, path: string): Promise<string | undefined> {
  try {
    const [value] = await valuesAt(body, path)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  } catch {
    // No JSON: then it names no version, which is what is told.
    return undefined
  }
}

/** Redirects are not followed: another address may be another release. */
function redirectOf({ headers }: Reply): string {
  const target = headers['location']
  return target === undefined ? '' : ` (a redirect to ${harmless(target)})`
}

function bodyOf(reply: Reply): string {
  return `; body: ${reply.body === '' ? 'empty' : JSON.stringify(harmless(reply.body))}`
}
