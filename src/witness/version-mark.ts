import type { IncomingMessage } from 'node:http'
import type { VersionMark } from '../rollout/ports/witness.js'

/** Read of a body at most; a version that stands further behind is not looked for. */
export const BODY_LIMIT_BYTES = 1_048_576

/** `$.version`, `$.build.version`: what nearly everybody writes; read without loading the whole language. */
const MEMBERS = /^\$(\.[A-Za-z_][A-Za-z0-9_]*)+$/

/**
 * The version that a complete answer names; undefined if it names none.
 * @throws Error if the answer breaks off, or a body that has to be read is too long.
 */
export async function versionIn(answer: IncomingMessage, mark: VersionMark): Promise<string | undefined> {
  if (mark.kind === 'json') return versionAt(await bodyOf(answer), mark.path)
  // Read to its end too: an answer that breaks off is none.
  for await (const _ of answer);
  const value = answer.headers[mark.name.toLowerCase()]
  return Array.isArray(value) ? value[0] : value
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of answer as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > BODY_LIMIT_BYTES) throw new Error(`the body is longer than ${BODY_LIMIT_BYTES} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

async function versionAt(body: string, path: string): Promise<string | undefined> {
  let document: unknown
  try {
    document = JSON.parse(body)
  } catch {
    // No JSON (an error page of a proxy, say): it names no version.
    return undefined
  }
  const found = MEMBERS.test(path) ? memberAt(document, path) : await firstAt(document, path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined
}

function memberAt(document: unknown, path: string): unknown {
  let value = document
  for (const name of path.split('.').slice(1)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    value = Object.hasOwn(value, name) ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined
  }
  return value
}

async function firstAt(document: unknown, path: string): Promise<unknown> {
  const { query } = await import('jsonpath-rfc9535')
  return query(document as Parameters<typeof query>[0], path)[0]
}
