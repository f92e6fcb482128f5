import type {
  LatencySample,
  MeanSample,
  Sample,
  ScalarSample,
  ShareSample,
} from '../../rollout/ports/metric-source.js'

/** What totals cannot be: nothing may be concluded from them. */
export interface Unsound {
  readonly kind: 'unsound'
  readonly why: string
}

/** What was counted of one side in one window; undefined where there was nothing to count. */
export type Counted = Sample | Unsound | undefined

/** A sum that a vendor gave; undefined where it had no points at all. */
export type Total = number | undefined

/** No bad requests where there are requests are 0 bad ones: vendors keep no series of what never happened. */
export function shareOf(requests: Total, bad: readonly Total[]): ShareSample | Unsound | undefined {
  const all = whole(requests)
  const wrong = whole(sumOf(bad))
  if (all === undefined || wrong === undefined)
    return unsound('requests or bad ones are less than 0 or no number')
  if (wrong > all) {
    return unsound(
      `${wrong} bad of ${all} requests: the queries count different things, or not all has come in yet`,
    )
  }
  return all === 0 ? undefined : { kind: 'share', requests: all, bad: wrong }
}

/**
 * @param atMost requests that took at most each edge, as vendors estimate them: made whole and rising
 * @param all all requests
 */
export function latencyOf(
  edgesMs: readonly number[],
  atMost: readonly Total[],
  all: Total,
): LatencySample | Unsound | undefined {
  const total = whole(all)
  const below = edgesMs.map((_, index) => whole(atMost[index]))
  if (total === undefined || below.includes(undefined)) return unsound('counts are less than 0 or no numbers')
  const highest = Math.max(...below.map((count) => count ?? 0))
  if (total === 0 && highest === 0) return undefined
  // Estimates may go a little over; where nothing says how many there are in all, nothing is said.
  if (total === 0) return unsound(`${highest} requests below an edge, and none in all`)
  const counts: number[] = []
  let counted = 0
  for (const count of below) {
    const reached = Math.min(total, Math.max(counted, count ?? 0))
    counts.push(reached - counted)
    counted = reached
  }
  return { kind: 'latency', edgesMs, counts: [...counts, total - counted] }
}

/** @param counts requests in each bucket, the last without an edge */
export function bucketsOf(
  edgesMs: readonly number[],
  counts: readonly Total[],
): LatencySample | Unsound | undefined {
  const all = [...edgesMs, Infinity].map((_, index) => whole(counts[index]))
  if (all.includes(undefined)) return unsound('counts are less than 0 or no numbers')
  const sound = all.map((count) => count ?? 0)
  return sound.every((count) => count === 0) ? undefined : { kind: 'latency', edgesMs, counts: sound }
}

export function meanOf(values: Total, sum: Total, squares: Total): MeanSample | Unsound | undefined {
  const count = whole(values)
  if (count === undefined) return unsound('values are less than 0 or no number')
  if (count === 0) return undefined
  if (sum === undefined || squares === undefined) return unsound(`${count} values without a sum or squares`)
  if (!Number.isFinite(sum) || !Number.isFinite(squares) || squares < 0)
    return unsound('sum or squares are no numbers')
  return { kind: 'mean', count, sum, sumOfSquares: squares }
}

export function scalarOf(value: Total): ScalarSample | undefined {
  return value === undefined || !Number.isFinite(value) ? undefined : { kind: 'scalar', value }
}

/** Nothing is 0; undefined for what is no count. Vendors keep counts as floating point and estimate some. */
function whole(total: Total): number | undefined {
  const count = Math.round(total ?? 0)
  return Number.isSafeInteger(count) && count >= 0 ? count + 0 : undefined
}

function sumOf(totals: readonly Total[]): number {
  return totals.reduce<number>((sum, total) => sum + (total ?? 0), 0)
}

function unsound(why: string): Unsound {
  return { kind: 'unsound', why }
}
