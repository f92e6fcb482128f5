import { readFileSync } from 'node:fs'
import type { StepResult } from '../../github/run-workflow.js'
import type { Moments } from '../../load/moments.js'
import type { Findings } from '../../workflows/findings.js'
import { SCRAPE_MS } from './judged-by-prometheus.js'

/** One side of one metric, as a report has it. */
interface Share {
  readonly kind: string
  readonly requests: number
  readonly bad: number
}

/** What a step was told of one window of time; milliseconds since 1970. */
export interface ReportedBlock {
  readonly fromMs: number
  readonly toMs: number
  readonly weight: number
  readonly metrics: Readonly<
    Record<string, { readonly stable?: Share; readonly candidate?: Share } | undefined>
  >
}

/** How late a scrape may be beyond its interval, and how long an answer may take from the counter to the client, in milliseconds. */
const LATE_MS = 1_000
const ON_THE_WAY_MS = 500

/** What was judged, from the report that a step has left. */
export function reportOf(step: StepResult): {
  readonly parameters: object
  readonly blocks: readonly ReportedBlock[]
} {
  return JSON.parse(readFileSync(step.outputs['report'] ?? '', 'utf8')) as {
    parameters: object
    blocks: ReportedBlock[]
  }
}

/** Requests of one side in all these blocks, by one metric. */
export function requestsIn(
  blocks: readonly ReportedBlock[],
  metric: string,
  side: 'stable' | 'candidate',
): number {
  return blocks.reduce((sum, { metrics }) => sum + (metrics[metric]?.[side]?.requests ?? 0), 0)
}

/**
 * The fewest and the most requests that Prometheus may have counted of a version from one moment to another, by what clients
 * saw. Counters are read once a second, so what was answered between a scrape and the end of the window it belongs to is counted in
 * the next one: at either end one scrape interval, and what a busy machine adds to it.
 *
 * @param unseen moments after whose end nobody could be asked for what was counted in them: a process ended there
 */
export function countedByClients(
  { evidence: { record } }: Findings,
  version: string,
  { from, to }: Required<Moments>,
  unseen: readonly (Moments & { readonly pid?: number })[] = [],
): { readonly fewest: number; readonly most: number } {
  const edgeMs = SCRAPE_MS + LATE_MS
  const answered = record.rows.flatMap((row) =>
    row.version === version && row.kind !== 'websocket' && row.done !== null
      ? [{ pid: row.pid, at: record.startedAt + row.done }]
      : [],
  )
  const during = (begin: number, end: number): typeof answered =>
    answered.filter(({ at }) => at > begin && at <= end)
  const surely = during(from + ON_THE_WAY_MS, to - edgeMs)
  const perhaps = surely.filter(({ pid, at }) =>
    unseen.some(
      (one) =>
        (one.pid === undefined || one.pid === pid) &&
        at > one.from - edgeMs &&
        at <= (one.to ?? Infinity) + ON_THE_WAY_MS,
    ),
  )
  return {
    fewest: surely.length - perhaps.length,
    most: during(from - edgeMs, to + ON_THE_WAY_MS).length,
  }
}
