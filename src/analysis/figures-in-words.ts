import type { MetricRule } from '../rollout/ports/judge.js'
import type { Margin } from './margin.js'
import type { Total } from './metric-test.js'
import type { Regression } from './regression.js'
import { toleranceOf, type Tolerance } from './tolerance.js'

/** A value with its unit: `0.1 %`, `52 ms`; means and scalars have the unit of their source. */
export function valueText(kind: MetricRule['kind'], value: number | undefined): string {
  if (value === undefined) return 'nothing'
  switch (kind) {
    case 'share':
      return `${numberText(100 * value)} %`
    case 'latency':
      return `${numberText(value)} ms`
    case 'mean':
    case 'scalar':
      return numberText(value)
  }
}

/** `5.1 % of 412 requests`, `52 ms in 412 requests`, `12.3 on average of 412 values` */
export function totalText(rule: MetricRule, total: Total | undefined): string {
  if (total === undefined || total.requests === 0) return `no ${countedText(rule)}`
  const how = rule.kind === 'share' ? 'of' : rule.kind === 'latency' ? 'in' : 'on average of'
  return `${valueText(rule.kind, total.value)} ${how} ${countText(total.requests)} ${countedText(rule)}`
}

/** What a metric is made of. */
export function countedText({ kind }: MetricRule): 'requests' | 'values' {
  return kind === 'share' || kind === 'latency' ? 'requests' : 'values'
}

/** What is tolerated: `25 % more than stable or 0.05 points more`. */
export function toleranceText(rule: MetricRule): string {
  return toleratedText(rule, toleranceOf(rule))
}

/** A tolerance in words: `10 % more than stable or 5 ms more`. */
export function toleratedText(rule: Pick<MetricRule, 'kind' | 'worse'>, { ratio, more }: Tolerance): string {
  const isLess = lessIsWorse(rule)
  const parts: string[] = []
  if (ratio > 1) {
    parts.push(
      `${numberText(100 * (isLess ? 1 - 1 / ratio : ratio - 1))} % ${isLess ? 'less' : 'more'} than stable`,
    )
  }
  if (more > 0) parts.push(moreText(rule.kind, more))
  return parts.length === 0 ? `no ${isLess ? 'less' : 'more'} than stable` : parts.join(' or ')
}

/**
 * What a release passes early by: `below 2 times stable or 0.5 points more`, `above 50 % of stable` where less is worse. A latency
 * must be shown to stay within its tolerance: a margin of twice as many slow requests would let pass what is a fifth slower throughout.
 * @param boundMs the bucket edge that a latency is really held against
 */
export function marginText(rule: MetricRule, margin: Margin, boundMs?: number): string {
  switch (rule.kind) {
    case 'share':
      return `below ${numberText(margin.ratio)} times stable or ${moreText('share', margin.share)}`
    case 'latency':
      return boundMs === undefined
        ? `within ${toleranceText(rule)}`
        : `at or below ${valueText('latency', boundMs)} (${toleranceText(rule)}, rounded up to a bucket edge)`
    case 'mean':
    case 'scalar':
      return lessIsWorse(rule)
        ? `above ${numberText(100 / margin.ratio)} % of stable`
        : `below ${numberText(margin.ratio)} times stable`
  }
}

/**
 * A regression in words: `1.8 times stable or 0.3 points more`; rounded up, since more than this is excluded. Of a latency only
 * bucket edges are known: a multiple of an edge is none of the percentile that is told, so it is in milliseconds alone.
 */
export function regressionText(
  rule: Pick<MetricRule, 'kind' | 'worse'>,
  { ratio, more }: Regression,
): string {
  const isLess = lessIsWorse(rule)
  const absolute = moreText(rule.kind, more, isLess)
  if (ratio === undefined || rule.kind === 'latency') return `${absolute} than stable`
  return `${(isLess ? roundedDown : roundedUp)(ratio)} times stable or ${absolute}`
}

function lessIsWorse({ kind, worse }: Pick<MetricRule, 'kind' | 'worse'>): boolean {
  return kind === 'mean' && worse === 'lower'
}

function moreText(kind: MetricRule['kind'], more: number, isLess = false): string {
  const word = isLess ? 'less' : 'more'
  if (kind === 'share') return `${roundedUp(100 * more)} points ${word}`
  return kind === 'latency' ? `${roundedUp(more)} ms ${word}` : `${roundedUp(more)} ${word}`
}

export function countText(count: number): string {
  return count.toLocaleString('en-US')
}

/** Three digits are enough to decide by; more of them only look exact. */
export function numberText(value: number): string {
  const size = Math.abs(value)
  if (size >= 100 && size < 1e15) return String(Math.round(value))
  return String(Number(value.toPrecision(2 + (size >= 10 ? 1 : 0))))
}

function roundedUp(value: number): string {
  return atTwoDigits(value, Math.ceil)
}

function roundedDown(value: number): string {
  return atTwoDigits(value, Math.floor)
}

function atTwoDigits(value: number, round: (value: number) => number): string {
  if (!(value > 0)) return '0'
  const step = 10 ** (Math.floor(Math.log10(value)) - 1)
  // A value that is a step itself must not be moved by the last binary digit.
  const steps = value / step
  const nearest = Math.round(steps)
  return String(Number(((Math.abs(steps - nearest) < 1e-9 ? nearest : round(steps)) * step).toPrecision(2)))
}
