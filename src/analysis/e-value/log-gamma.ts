const { log, PI } = Math

/** Below this Stirling's series is not exact enough; the recurrence leads above it. */
const STIRLING_FROM = 10

/** ln Γ(x) for x > 0, to about 12 digits: Stirling's series (Abramowitz & Stegun 6.1.41) after Γ(x + 1) = x·Γ(x). */
export function logGamma(x: number): number {
  let shift = 0
  let at = x
  while (at < STIRLING_FROM) {
    shift += log(at)
    at += 1
  }
  const inverse = 1 / at
  const square = inverse * inverse
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
  return (at - 0.5) * log(at) - at + 0.5 * log(2 * PI) + series - shift
}

/** ln B(a, b). */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}
