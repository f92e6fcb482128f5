import type { MetricWindow } from '../../rollout/ports/metric-source.js'
import type { Total } from './counted.js'

/** What a vendor says of a piece of time that begins at `atMs`. */
export interface Point {
  readonly atMs: number
  readonly value: number
}

/** How several points of a window become one number. */
export type Fold = 'avg' | 'sum' | 'min' | 'max' | 'last'

export const FOLDS: readonly Fold[] = ['avg', 'sum', 'min', 'max', 'last']

/** One number of the points in a window, the end excluded; undefined where there are none. */
export function fold(points: readonly Point[], how: Fold, { fromMs, toMs }: MetricWindow): Total {
  return foldValues(
    points.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ value }) => value),
    how,
  )
}

/** One number of several, in the order of time. */
export function foldValues(values: readonly number[], how: Fold): Total {
  if (values.length === 0) return undefined
  const sum = values.reduce((total, value) => total + value, 0)
  switch (how) {
    case 'sum':
      return sum
    case 'avg':
      return sum / values.length
    case 'min':
      return Math.min(...values)
    case 'max':
      return Math.max(...values)
    case 'last':
      return values.at(-1)
  }
}
