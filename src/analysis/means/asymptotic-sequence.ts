const { log, max, sqrt } = Math

/** How many values the sequence is made narrowest for. */
const TUNED_FOR = 5_000

/**
 * The width parameter r² of the mixture: `(−2 ln alpha + ln(1 − 2 ln alpha)) / n*`.
 * @param alpha chance that the true mean ever lies outside, 0 to 1
 */
export function mixtureWidth(alpha: number): number {
  return (-2 * log(alpha) + log(1 - 2 * log(alpha))) / TUNED_FOR
}

/**
 * Half the width of the asymptotic confidence sequence of a mean, in the unit of `deviation`: it holds at all counts at once
 * (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences").
 * @param deviation standard deviation of one value; for two samples sqrt(SE²·n)
 * @param count of values, of both samples together
 */
export function halfWidth(deviation: number, count: number, alpha: number): number {
  const r2 = mixtureWidth(alpha)
  const grown = count * r2 + 1
  return deviation * sqrt(((2 * grown) / (count * count * r2)) * log(sqrt(grown) / alpha))
}

/**
 * ln E that a mean lies above a bound: the mixture that the sequence comes from. It reaches ln(1/alpha) exactly where the
 * sequence excludes the bound, and falls while the mean lies below it.
 * @param distance of the mean above the bound; of two samples, of their difference
 * @param error its standard error
 */
export function meanEvidence(distance: number, error: number, count: number, alpha: number): number {
  const grown = count * mixtureWidth(alpha) + 1
  const score = max(0, distance) / error
  return (score * score * (grown - 1)) / (2 * grown) - log(grown) / 2
}
