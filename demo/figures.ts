import { availableParallelism } from 'node:os'
import type { Row } from '../test/load/record.ts'
import type { Findings } from './play.ts'

/** The bars of the demo. */
export const MOST_LOST = 0
export const MOST_ROLLBACK_MS = 1_000

/** What the demo prints, as text and with `--json`; `null` where it could not be taken. */
export interface Figures {
  readonly sent: number
  readonly lost: number
  /** From the moment at which the deciding sample was there to be read to the moment at which 0 % was confirmed. */
  readonly rollbackMs: number | null
  /** From the start of the demo to its end, everything cleaned up; without the installation. */
  readonly seconds: number
  /** From the deciding sample to the last request that a client sent and the bad release answered; negative: before. */
  readonly lastBadAnswerMs: number | null
  /** Wrong answers of the bad release itself. */
  readonly forgiven: number
  readonly doubled: number
  readonly missing: number
  readonly control: { readonly sent: number; readonly lost: number }
  /** The longest time in which no client got a correct answer, in milliseconds. */
  readonly worstGapMs: number
  /** How late the load generator sent at most, in milliseconds. */
  readonly worstDelayMs: number
  readonly releases: Readonly<Record<string, ReleaseFigures>>
  /** Why the run says nothing about the software; empty if it does. */
  readonly void: readonly string[]
  readonly node: string
  readonly platform: string
  readonly cores: number
}

export interface ReleaseFigures {
  readonly answers: number
  readonly errors: number
  /** Of the answers as clients saw them, counted from when a request was due, without those that are slow on purpose. */
  readonly p95Ms: number | null
}

export function figuresOf(
  { evidence, verdict, goingBack }: Findings,
  badVersion: string,
  seconds: number,
): Figures {
  const { rows } = evidence.record
  const last = verdict.byVersion[badVersion]?.lastSent
  const { sent, lost, forgiven, control } = verdict
  return {
    sent,
    lost,
    rollbackMs: goingBack === undefined ? null : Math.round(goingBack.confirmedAt - goingBack.decidedAt),
    seconds: Math.round(seconds * 10) / 10,
    lastBadAnswerMs:
      goingBack === undefined || last === undefined ? null : Math.round(last - goingBack.decidedAt),
    forgiven,
    doubled: verdict.doubled.length,
    missing: verdict.missing.length,
    control,
    worstGapMs: Math.round(verdict.worstGapMs),
    worstDelayMs: Math.round(verdict.worstDelayMs),
    releases: Object.fromEntries(
      Object.entries(verdict.byVersion).map(([version, { answers, errors }]) => [
        version,
        { answers, errors, p95Ms: p95Of(rows, version) },
      ]),
    ),
    void: verdict.void,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cores: availableParallelism(),
  }
}

function p95Of(rows: readonly Row[], version: string): number | null {
  const latencies = rows
    .filter((row) => row.side === 'target' && row.version === version && row.kind !== 'slow')
    .flatMap(({ done, due }) => (done === null ? [] : [done - due]))
    .toSorted((one, other) => one - other)
  const found = latencies[Math.floor(latencies.length * 0.95)]
  return found === undefined ? null : Math.round(found * 10) / 10
}

/** Every bar that was missed, in a sentence each. */
export function missedBars({ lost, rollbackMs }: Figures): readonly string[] {
  return [
    ...(lost > MOST_LOST ? [`${lost} requests were lost; ${MOST_LOST} may be`] : []),
    ...(rollbackMs === null ? ['the bad release was not caught by its analysis'] : []),
    ...(rollbackMs !== null && rollbackMs > MOST_ROLLBACK_MS
      ? [`going back took ${rollbackMs} ms from the verdict; at most ${MOST_ROLLBACK_MS} ms may pass`]
      : []),
  ]
}
