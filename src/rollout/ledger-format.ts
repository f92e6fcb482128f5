import type { Ledger } from './ledger.js'
import type { Block } from './ports/judge.js'
import type { Sample } from './ports/metric-source.js'
import { messageOf, UserError } from './user-error.js'

/** Written by this code. Minor versions add fields; a major version changes the meaning of one. */
export const LEDGER_FORMAT = { major: 1, minor: 0 } as const

/** Evidence kept in the ledger, as text. */
export const EVIDENCE_LIMIT_BYTES = 65_536

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

/** Writes a ledger as text. The format that was read is kept if it is a newer minor one. */
export function serializeLedger(ledger: Ledger): string {
  const format = ledger.format.minor > LEDGER_FORMAT.minor ? ledger.format : LEDGER_FORMAT
  return `${JSON.stringify({ ...ledger, format }, undefined, 1)}\n`
}

/** Merges the oldest blocks of equal weight until the evidence fits: counts add up, so no evidence is lost, only its grain. */
export function boundedBlocks(blocks: readonly Block[], limitBytes = EVIDENCE_LIMIT_BYTES): readonly Block[] {
  let bounded = blocks
  while (JSON.stringify(bounded).length > limitBytes) {
    const coarser = mergeNeighbours(bounded)
    if (coarser.length === bounded.length) return bounded.slice(Math.ceil(bounded.length / 2))
    bounded = coarser
  }
  return bounded
}

function mergeNeighbours(blocks: readonly Block[]): readonly Block[] {
  const merged: Block[] = []
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i]
    const next = blocks[i + 1]
    if (block === undefined) continue
    const both = next !== undefined && next.weight === block.weight ? mergeBlocks(block, next) : undefined
    merged.push(both ?? block)
    if (both !== undefined) i++
  }
  return merged
}

function mergeBlocks(one: Block, other: Block): Block | undefined {
  const metrics: Record<string, { stable?: Sample; candidate?: Sample }> = {}
  for (const name of new Set([...Object.keys(one.metrics), ...Object.keys(other.metrics)])) {
    const stable = addSamples(one.metrics[name]?.stable, other.metrics[name]?.stable)
    const candidate = addSamples(one.metrics[name]?.candidate, other.metrics[name]?.candidate)
    if (stable === 'differ' || candidate === 'differ') return undefined
    metrics[name] = { ...(stable && { stable }), ...(candidate && { candidate }) }
  }
  return { fromMs: one.fromMs, toMs: other.toMs, weight: one.weight, metrics }
}

function addSamples(one: Sample | undefined, other: Sample | undefined): Sample | undefined | 'differ' {
  if (one === undefined || other === undefined) return one ?? other
  if (one.kind === 'share' && other.kind === 'share') {
    return { kind: 'share', requests: one.requests + other.requests, bad: one.bad + other.bad }
  }
  if (one.kind === 'latency' && other.kind === 'latency' && one.edgesMs.join() === other.edgesMs.join()) {
    return { ...one, counts: one.counts.map((count, i) => count + (other.counts[i] ?? 0)) }
  }
  return 'differ'
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
