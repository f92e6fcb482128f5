import type { TimelineEntry } from '../rollout/timeline.js'
import { xychart, type Moment } from './xychart.js'

/**
 * The rollout as charts: the weight over time, and the error shares where errors were counted. The charts know no legend,
 * so each title says what is drawn. Only numbers go into it: nothing needs escaping.
 */
export function charts(timeline: readonly TimelineEntry[]): string {
  const weights = moments(timeline, ({ weight }) => weight)
  const [first, last] = [weights[0], momentsOfAll(timeline).at(-1)]
  if (first === undefined || last === undefined || last <= first.ms) return ''
  if (weights.every(({ value }) => value === 0)) return ''
  const span = { fromMs: first.ms, toMs: last }
  const drawn = [chart('Weight of the candidate (% of all requests)', span, [weights], 100)]
  const candidate = moments(timeline, (entry) => errorPercent(entry.candidate))
  const stable = moments(timeline, (entry) => errorPercent(entry.stable))
  if (candidate.length > 1) {
    const highest = Math.max(...candidate.map(({ value }) => value), ...stable.map(({ value }) => value))
    const title =
      stable.length > 0
        ? 'Errors: candidate, then stable (% of its requests)'
        : 'Errors of the candidate (% of its requests)'
    drawn.push(
      chart(
        title,
        span,
        [candidate, ...(stable.length > 0 ? [stable] : [])],
        Math.max(1, Math.ceil(highest)),
      ),
    )
  }
  return drawn.join('\n\n')
}

function chart(
  title: string,
  span: { fromMs: number; toMs: number },
  lines: readonly (readonly Moment[])[],
  high: number,
): string {
  return xychart({ title, since: 'since the start', ...span, y: { name: '%', low: 0, high }, lines })
}

function moments(
  timeline: readonly TimelineEntry[],
  value: (entry: TimelineEntry) => number | undefined,
): Moment[] {
  return timeline.flatMap((entry) => {
    const [ms, found] = [Date.parse(entry.at), value(entry)]
    return found === undefined || !Number.isFinite(found) || Number.isNaN(ms) ? [] : [{ ms, value: found }]
  })
}

function momentsOfAll(timeline: readonly TimelineEntry[]): number[] {
  return timeline.map(({ at }) => Date.parse(at)).filter((ms) => !Number.isNaN(ms))
}

function errorPercent(figures: TimelineEntry['candidate']): number | undefined {
  if (figures?.errors === undefined || figures.requests === 0) return undefined
  return (100 * figures.errors) / figures.requests
}
