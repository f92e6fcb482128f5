/** One series of raw samples, oldest first. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** When each sample was scraped, milliseconds since 1970. */
  readonly timesMs: readonly number[]
  readonly values: readonly number[]
}

/** What makes a series this one: all labels with their values. */
export function identityOf(labels: Readonly<Record<string, string>>): string {
  const named = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify(named)
}

/** The same without the name of the metric: functions take it away, and sum and count of one histogram differ in it. */
export function identityWithoutName({ __name__: _, ...labels }: Readonly<Record<string, string>>): string {
  return identityOf(labels)
}
