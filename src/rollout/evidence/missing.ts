/** A metric of which a look was told nothing, or not everything, and why. */
export interface Missing {
  readonly name: string
  readonly why: string
}

/** `errors, latency-p95: the source is down` */
export function describeMissing(missing: readonly Missing[]): string {
  return [...Map.groupBy(missing, ({ why }) => why)]
    .map(([why, metrics]) => `${metrics.map(({ name }) => name).join(', ')}: ${why}`)
    .join('; ')
}
