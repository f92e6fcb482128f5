/** A duration as PromQL writes it: https://prometheus.io/docs/prometheus/latest/querying/basics/#time-durations */
export function durationText(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms))
  return whole % 1_000 === 0 ? `${whole / 1_000}s` : `${whole}ms`
}
