const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** A duration as rollout.yml takes it, exact: 300 000 ms is `5m`, 1 500 ms is `1500ms`. */
export function durationText(ms: number): string {
  const unit = UNITS.find(([, size]) => ms >= size && ms % size === 0)
  if (unit === undefined) return ms === 0 ? '0' : `${ms}ms`
  return `${ms / unit[1]}${unit[0]}`
}
