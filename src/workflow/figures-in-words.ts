import type { MetricJudgement } from '../rollout/ports/judge.js'

type Unit = MetricJudgement['unit']

/** A value in its unit: `5.1 %`, `58 ms`, `12.3`. */
export function valueText(value: number | undefined, unit: Unit): string {
  if (value === undefined) return '–'
  if (unit === 'share') return percent(value)
  return unit === 'ms' ? milliseconds(value) : plainNumber(value)
}

/** How much more or less: `+4.9 points`, `−12 ms`. Shares differ by points, since "per cent more" could be of the share. */
export function differenceText(difference: number, unit: Unit): string {
  if (unit === 'share') return `${signed(difference * 100)} points`
  return unit === 'ms' ? `${signed(difference)} ms` : signed(difference)
}

/** Two digits where they tell something: `0.04 %`, `5.1 %`, `12 %`. */
export function percent(share: number): string {
  const value = share * 100
  const digits = value === 0 || value >= 10 ? 0 : value >= 1 ? 1 : 2
  return `${value.toFixed(digits)} %`
}

export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en-US')} ms`
}

export function count(requests: number): string {
  return requests.toLocaleString('en-US')
}

function signed(value: number): string {
  const size = Math.abs(value)
  return `${value < 0 ? '−' : '+'}${size === Infinity ? '∞' : plainNumber(size)}`
}

/** Three digits; more of them only look exact. */
function plainNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 })
}
