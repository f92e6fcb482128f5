import type { MetricRule } from '../rollout/ports/judge.js'
import type { Total } from './totals.js'

/** A share or a latency with its unit: `0.1 %`, `52 ms`. */
export function valueText(kind: MetricRule['kind'], value: number | undefined): string {
  if (value === undefined) return 'nothing'
  return kind === 'share' ? `${rounded(100 * value)} %` : `${rounded(value)} ms`
}

/** `5.1 % of 412 requests` */
export function totalText(rule: MetricRule, total: Total | undefined): string {
  if (total === undefined || total.requests === 0) return 'no requests'
  const of = rule.kind === 'share' ? 'of' : 'in'
  return `${valueText(rule.kind, total.value)} ${of} ${countText(total.requests)} requests`
}

/** What is tolerated: `up to 1.25 times that of stable, or 0.05 points more`. */
export function toleranceText(rule: MetricRule): string {
  const parts: string[] = []
  const ratio = rule.tolerateRatio ?? 1
  if (ratio > 1) parts.push(`${rounded(100 * (ratio - 1))} % more than stable`)
  if (rule.kind === 'share' && (rule.tolerateShare ?? 0) > 0) {
    parts.push(`${rounded(100 * (rule.tolerateShare ?? 0))} points more`)
  }
  if (rule.kind === 'latency' && (rule.tolerateMs ?? 0) > 0)
    parts.push(`${rounded(rule.tolerateMs ?? 0)} ms more`)
  return parts.length === 0 ? 'no more than stable' : parts.join(' or ')
}

export function countText(count: number): string {
  return count.toLocaleString('en-US')
}

/** Three digits are enough to decide by; more of them only look exact. */
function rounded(value: number): string {
  if (value >= 100) return String(Math.round(value))
  return String(Number(value.toPrecision(2 + (value >= 10 ? 1 : 0))))
}
