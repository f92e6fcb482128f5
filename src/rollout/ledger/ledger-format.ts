import type { Ledger } from './ledger.js'
import { messageOf, UserError } from '../user-error.js'

/** Written by this code. Minor versions add fields; a major version changes the meaning of one. */
export const LEDGER_FORMAT = { major: 1, minor: 0 } as const

/**
 * Reads a ledger. Fields that this code does not know are kept as they are: a re-run uses the pinned code of an
 * old commit and must not drop what newer code wrote.
 * @throws UserError for a newer major version or a damaged document; nothing is touched then.
 */
export function parseLedger(text: string, address: string): Ledger {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (cause) {
    throw damaged(address, messageOf(cause), cause)
  }
  if (!isRecord(document) || !isRecord(document['format'])) throw damaged(address, 'it has no format')
  const { major, minor } = document['format']
  if (typeof major !== 'number') throw damaged(address, 'its format has no major version')
  if (major > LEDGER_FORMAT.major) {
    throw new UserError(
      `the ledger at ${address} has format ${major}.${String(minor)}; this version reads ${LEDGER_FORMAT.major}.x`,
      {
        hint: 'Use the version of Tuesday that wrote it, or a newer one. Nothing was touched.',
      },
    )
  }
  const missing = ['service', 'environment', 'repository'].filter((key) => typeof document[key] !== 'string')
  if (missing.length > 0) throw damaged(address, `${missing.join(', ')} missing`)
  const complete: Record<string, unknown> = { ...nothing(), ...document }
  if (!isLedger(complete)) throw damaged(address, 'a part of it has the wrong shape')
  return complete
}

/** A ledger in which nothing has happened yet; it is written by the first step that changes something. */
export function emptyLedger(of: Pick<Ledger, 'service' | 'environment' | 'repository'>): Ledger {
  return { format: LEDGER_FORMAT, ...of, ...nothing() }
}

const LISTS = ['closed', 'releases', 'excluded', 'retire', 'settled'] as const

function nothing(): Pick<Ledger, 'writeId' | 'places' | (typeof LISTS)[number]> {
  return { writeId: '', places: {}, closed: [], releases: [], excluded: [], retire: [], settled: [] }
}

function isLedger(value: Record<string, unknown>): value is Record<string, unknown> & Ledger {
  const rollout = value['rollout']
  const whole = rollout === undefined || (isRecord(rollout) && typeof rollout['phase'] === 'string')
  return whole && isRecord(value['places']) && LISTS.every((list) => Array.isArray(value[list]))
}

/**
 * Writes a ledger as text, one line for each of its fields: indented, the evidence would take twice its room. The format that was
 * read is kept if it is a newer minor one.
 */
export function serializeLedger(ledger: Ledger): string {
  const format = ledger.format.minor > LEDGER_FORMAT.minor ? ledger.format : LEDGER_FORMAT
  const fields = Object.entries({ ...ledger, format }).filter(([, value]) => value !== undefined)
  const lines = fields.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`)
  return `{\n${lines.join(',\n')}\n}\n`
}

/** The document is no ledger, or a broken one. */
export class DamagedLedger extends UserError {}

function damaged(address: string, what: string, cause?: unknown): DamagedLedger {
  return new DamagedLedger(`the ledger at ${address} cannot be read: ${what}`, {
    hint: 'It is never guessed. Look at the live system, then run deploy with `adopt: true` to write it anew from what serves now.',
    cause,
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
