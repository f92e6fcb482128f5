import type { Pair } from './block-evidence.js'
import type { Counts } from './closest-null.js'
import { Temper } from './temper.js'

/** Both sides of one metric in one window; a side that was not counted is undefined. */
export interface ShareWindow {
  readonly fromMs: number
  readonly candidate: Counts | undefined
  readonly stable: Counts | undefined
}

export const NO_REQUESTS: Counts = { requests: 0, bad: 0 }

/** Each block with what stable's past blocks let one expect of it. */
export function sharePairs(windows: readonly ShareWindow[]): readonly Pair[] {
  let past = NO_REQUESTS
  let last: Counts | undefined
  const temper = new Temper()
  return windows.map(({ fromMs, candidate = NO_REQUESTS, stable = NO_REQUESTS }) => {
    const pair: Pair = { fromMs, candidate, stable, guess: expectedShare(past), temper: temper.factor }
    if (stable.requests === 0) return pair
    past = { requests: past.requests + stable.requests, bad: past.bad + stable.bad }
    if (last !== undefined) temper.add(last, stable, expectedShare(past) ?? 0)
    last = stable
    return pair
  })
}

/** Half a bad request is added, so that a stable side without errors is not taken for one that can have none. */
export function expectedShare({ requests, bad }: Counts): number | undefined {
  return requests === 0 ? undefined : (bad + 0.5) / (requests + 1)
}
