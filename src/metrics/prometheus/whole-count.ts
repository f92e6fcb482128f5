/** How far from a whole number a difference of counters may be: floating point, not a gauge. */
const SLACK = 1e-6

/** A count, freed from the noise of floating point; undefined if it is none. */
export function wholeCount(value: number): number | undefined {
  const whole = Math.round(value)
  return Math.abs(value - whole) <= SLACK * Math.max(1, Math.abs(whole)) ? whole : undefined
}
