import type { MetricRule } from '../rollout/ports/judge.js'
import { countText } from './figures-in-words.js'
import type { Standing } from './finding.js'
import { FEWEST_VALUES } from './means/mean-comparison.js'

/** Why a pass would say nothing: harm could not have been seen, or was seen and is too short to be sure. Undefined if neither. */
export function unweighed(standing: Standing, isAlone: boolean): string | undefined {
  const { rule, needed } = standing
  const { stable, hasRecord, weighed, recent } = standing.test
  if (isAlone && !hasRecord && rule.limit === undefined) {
    return 'there is no stable release to compare with, and no limit is configured: nothing can be judged'
  }
  const isCompared = stable !== undefined || (isAlone && hasRecord)
  const most = isCompared ? weighed.worse : weighed.overLimit
  if (isCompared && weighed.worse === 'nothing' && rule.kind === 'latency') return NEVER_COMPARED
  if (isCompared && weighed.worse === 'nothing' && rule.kind === 'mean') return TOO_FEW_VALUES
  if (weighed.overLimit === 'nothing' && rule.kind === 'latency') return beyondTheLastEdge(rule)
  if (most === 'nothing' || most === 'too-short') return tooShort(standing)
  if (recent < needed) return undefined
  return `the last ${secondsText(spanMs(standing))} look like a failure, and are too short to be sure`
}

const NEVER_COMPARED =
  'the latencies were never compared: the bucket edges of both sides differ or changed, stable has too few requests, or its percentile lies beyond the last edge'

const TOO_FEW_VALUES = `the means were never compared: that takes ${FEWEST_VALUES} values of each side, besides those that one outage may touch`

function beyondTheLastEdge({ percentile = 95 }: MetricRule): string {
  return `the limit was never judged: both it and the p${countText(percentile)} of the candidate lie beyond the last bucket edge`
}

function tooShort(standing: Standing): string {
  const neededMs = spanMs(standing) + 2 * standing.hold.blockMs
  return `the candidate was counted for no longer than one outage that must not decide: hold for ${secondsText(neededMs)} or longer`
}

/** What one outage may touch: two blocks at least. */
function spanMs({ hold: { blockMs }, outageMs }: Standing): number {
  return Math.max(2 * blockMs, outageMs + blockMs)
}

function secondsText(ms: number): string {
  return `${countText(Math.ceil(ms / 1000))} s`
}
