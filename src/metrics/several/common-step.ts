import type { MetricSource } from '../../rollout/ports/metric-source.js'
import { UserError } from '../../rollout/user-error.js'

/** Blocks of several sources last no longer, in milliseconds, unless one source alone makes them longer: a hold must see some. */
const LONGEST_MS = 300_000

/**
 * How long windows are at which all of several sources have counts, in milliseconds. Sources that count at whole multiples of their
 * step bind each other to the least common multiple: 15 s and 60 s make 60 s, 10 s and 15 s make 30 s. Those that count between
 * any two moments (Prometheus) only ask for windows as long as their step: 15.1 s and 60 s make 60 s.
 */
export function commonStep(sources: readonly MetricSource[]): number {
  const bound = sources.filter(isBound).map(stepOf).reduce(leastCommonMultiple, 1)
  const longest = Math.max(1, ...sources.map(stepOf))
  return Math.ceil(longest / bound) * bound
}

/** @throws UserError for sources whose steps hardly ever meet: 7 s and 60 s would do so every 7 min */
export function refuseOddSteps(sources: readonly MetricSource[]): void {
  const bound = sources.filter(isBound)
  const step = bound.map(stepOf).reduce(leastCommonMultiple, 1)
  if (step <= Math.max(LONGEST_MS, ...bound.map(stepOf))) return
  const steps = bound.map((source) => `${source.name} every ${stepOf(source) / 1_000} s`).join(', ')
  throw new UserError(`the sources of the metrics have counts at moments that hardly ever meet: ${steps}`, {
    hint: 'Set step (period of cloudwatch) so that one is a whole multiple of the other, such as 10s and 60s, or take all metrics from one source.',
  })
}

function isBound({ stepMs, anyMoment = false }: MetricSource): boolean {
  return stepMs !== undefined && !anyMoment
}

function stepOf({ stepMs = 1 }: MetricSource): number {
  return Math.max(1, Math.round(stepMs))
}

function leastCommonMultiple(one: number, other: number): number {
  return (one / greatestCommonDivisor(one, other)) * other
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other)
}
