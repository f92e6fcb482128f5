import { checkOrders } from './orders.ts'
import type { Entry } from './order-journal.ts'
import type { LoadRecord, Row } from './record.ts'
import { seenVersions } from './seen-versions.ts'
import type { VersionSeen } from './seen-versions.ts'

/** What a verdict is computed from. */
export type Evidence = { record: LoadRecord; journal: readonly Entry[] }

/** A release that is meant to be bad; with `pids`, only answers of these processes are forgiven. */
export type Bad = { version: string; pids?: readonly number[] }

export type Verdict = {
  /** Requests to the service under test, and how many of them were answered correctly in time. */
  sent: number
  answered: number
  /** Complete answers in time that were not correct and name the bad release and its process. */
  forgiven: number
  /** Neither answered nor forgiven, ids missing or doubled, and websockets that broke; each request once. */
  lost: number
  /** Those of `lost` that were not answered correctly: the rows themselves. */
  unanswered: Row[]
  doubled: string[]
  missing: string[]
  websockets: {
    messages: number
    /** Closed by the service with 1001 or 1012: the client was told to come again. */
    goneAway: number
    /** Messages that such a goodbye crossed: the client knows that they were not answered. */
    crossed: number
    broken: number
  }
  byVersion: Record<string, VersionSeen>
  control: { sent: number; lost: number }
  /** The worst delay of the generator between due and sent, in milliseconds. */
  worstDelayMs: number
  /** The longest time in which no correct answer was completed, in milliseconds. */
  worstGapMs: number
  /** Why this run says nothing about the software under test; empty if it does. */
  void: string[]
}

/** A generator that is later than this did not keep its schedule, in milliseconds. */
const LATEST_SEND_MS = 100
const GOODBYES = new Set([1001, 1012])

/**
 * Counts what became of every request. Lost is what has no complete correct answer in time, or an error that the bad release
 * did not write itself: resets, time-outs and a proxy's 502 are never forgiven.
 *
 * @param bad the releases that are meant to be bad; everybody else's errors are lost requests.
 */
export function verdict({ record, journal }: Evidence, bad: readonly Bad[] = []): Verdict {
  const target = record.rows.filter((row) => row.side === 'target')
  const control = record.rows.filter((row) => row.side === 'control')
  const crossed = target.filter(crossedGoodbye)
  const wrong = target.filter((row) => !crossedGoodbye(row) && !answeredInTime(record, row))
  const forgiven = wrong.filter((row) => isForgiven(record, row, bad))
  const unanswered = wrong.filter((row) => !isForgiven(record, row, bad))
  const { doubled, missing } = checkOrders(target, journal)
  const broken = record.websocketsClosed.filter(({ code }) => !GOODBYES.has(code)).length
  const lostNumbers = new Set([
    ...unanswered.map((row) => row.number),
    ...numbersOf(target, new Set([...doubled, ...missing])),
  ])
  const controlLost = lostOfControl(record, control, journal)
  const worstDelayMs = record.rows.reduce((worst, row) => Math.max(worst, row.sent - row.due), 0)
  return {
    sent: target.length,
    answered: target.length - wrong.length - crossed.length,
    forgiven: forgiven.length,
    lost: lostNumbers.size + broken,
    unanswered,
    doubled,
    missing,
    websockets: {
      messages: target.filter((row) => row.method === 'MESSAGE').length,
      goneAway: record.websocketsClosed.length - broken,
      crossed: crossed.length,
      broken,
    },
    byVersion: seenVersions(record, target),
    control: { sent: control.length, lost: controlLost },
    worstDelayMs,
    worstGapMs: worstGap(record, target),
    void: voidReasons(record, worstDelayMs, controlLost),
  }
}

/** How long the client of this row waits from the moment it was due, in milliseconds. */
function limitOf({ config }: LoadRecord, row: Row): number {
  return row.kind === 'slow' ? config.slow.ms + config.limitMs : config.limitMs
}

function inTime(record: LoadRecord, row: Row): boolean {
  return row.done !== null && row.done - row.due <= limitOf(record, row)
}

function answeredInTime(record: LoadRecord, row: Row): boolean {
  return row.error === null && inTime(record, row)
}

function isForgiven(record: LoadRecord, row: Row, bad: readonly Bad[]): boolean {
  const { version, pid } = row
  if (version === null || pid === null || !inTime(record, row)) return false
  return bad.some((release) => release.version === version && (release.pids?.includes(pid) ?? true))
}

function crossedGoodbye(row: Row): boolean {
  return row.method === 'MESSAGE' && [...GOODBYES].some((code) => row.error === `closed with ${code}`)
}

function numbersOf(rows: readonly Row[], ids: ReadonlySet<string>): number[] {
  return rows.filter(({ id }) => id !== null && ids.has(id)).map((row) => row.number)
}

/** What the control loses is counted as the target's is. */
function lostOfControl(record: LoadRecord, control: readonly Row[], journal: readonly Entry[]): number {
  const unanswered = control.filter((row) => !answeredInTime(record, row)).map((row) => row.number)
  const { doubled, missing } = checkOrders(control, journal)
  return new Set([...unanswered, ...numbersOf(control, new Set([...doubled, ...missing]))]).size
}

/** Why the run is void. */
function voidReasons(record: LoadRecord, worstDelayMs: number, controlLost: number): string[] {
  const reasons: string[] = []
  if (!record.complete) reasons.push('the record has no end: the load generator did not stop properly')
  if (worstDelayMs > LATEST_SEND_MS) {
    reasons.push(`the generator sent ${Math.round(worstDelayMs)} ms late, more than ${LATEST_SEND_MS} ms`)
  }
  if (controlLost > 0) reasons.push(`the control service, which nobody touched, lost ${controlLost} requests`)
  return reasons
}

/** Between two correct answers, and before the first. Slow requests are answered late on purpose. */
function worstGap(record: LoadRecord, rows: readonly Row[]): number {
  const answered = rows.filter((row) => row.kind !== 'slow' && answeredInTime(record, row))
  const times = answered.map((row) => row.done ?? 0).toSorted((a, b) => a - b)
  return times.reduce((worst, at, index) => Math.max(worst, at - (times[index - 1] ?? 0)), 0)
}
