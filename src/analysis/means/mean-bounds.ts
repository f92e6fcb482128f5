import type { MeanBound } from './mean-comparison.js'

/** The bound at `ratio` times stable towards harm; a stable mean below zero is moved by as much of its size. */
export function ratioBound(ratio: number, worse: 'higher' | 'lower'): MeanBound {
  const step = worse === 'higher' ? ratio - 1 : 1 / ratio - 1
  return (stable: number) => {
    const slope = stable >= 0 ? 1 + step : 1 - step
    return { bound: slope * stable, slope }
  }
}

/** A bound that does not ask stable. */
export function fixedBound(limit: number): MeanBound {
  return () => ({ bound: limit, slope: 0 })
}
