import type { MetricRule } from '../rollout/ports/judge.js'
import { countedText, countText, numberText } from './figures-in-words.js'
import type { HoldSoFar } from './hold-so-far.js'
import type { Total } from './metric-test.js'

/** `42 of the 100 requests …`, how long it would take at this traffic and weight, and what to change. */
export function tooFewText(
  rule: MetricRule,
  requests: number,
  stable: Total | undefined,
  minSamples: number,
  { weight, holdMs }: Pick<HoldSoFar, 'weight' | 'holdMs'>,
): string {
  const counted = countedText(rule)
  const had = `${countText(requests)} of the ${countText(minSamples)} ${counted} at the candidate that a verdict needs`
  const part = weight !== undefined && weight > 0 && weight <= 100 ? weight / 100 : undefined
  const rate = ratePerSecond(requests, stable, part, holdMs / 1000)
  const long =
    rate === undefined
      ? ''
      : `; at this traffic and weight it takes ${timeText((minSamples - requests) / rate)} more`
  const inAll =
    part === undefined || part === 1
      ? ''
      : `, raise the weight (at ${numberText(100 * part)} %, ${countText(minSamples)} ${counted} are ${countText(Math.ceil(minSamples / part))} in all)`
  return `${had}${long}: hold longer${inAll} or ask for fewer`
}

/** The candidate's, or what its weight makes of stable's while it has none. */
function ratePerSecond(
  requests: number,
  stable: Total | undefined,
  part: number | undefined,
  seconds: number,
): number | undefined {
  if (!(seconds > 0)) return undefined
  if (requests > 0) return requests / seconds
  if (stable === undefined || stable.requests === 0 || part === undefined || part === 1) return undefined
  return ((stable.requests / seconds) * part) / (1 - part)
}

function timeText(seconds: number): string {
  if (seconds < 300) return `${countText(Math.ceil(seconds))} s`
  return seconds < 7_200 ? `${Math.ceil(seconds / 60)} min` : `${countText(Math.ceil(seconds / 3_600))} h`
}
