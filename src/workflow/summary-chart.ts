import type { TimelineEntry } from '../rollout/timeline.js'

/** Points of a line; they are spread evenly over the time, as the chart draws them. */
const POINTS = 48

/** Units for the time axis: the largest that the rollout lasted for at least twice. */
const UNITS = [
  { name: 'hours', ms: 3_600_000 },
  { name: 'minutes', ms: 60_000 },
  { name: 'seconds', ms: 1_000 },
] as const

interface Moment {
  readonly ms: number
  readonly value: number
}

/**
 * The rollout as charts: the weight over time, and the error shares where errors were counted. Mermaid's xychart
 * knows no legend, so each title says what is drawn. Only numbers go into it: nothing needs escaping.
 * https://mermaid.js.org/syntax/xyChart.html
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
  highest: number,
): string {
  const lengthMs = span.toMs - span.fromMs
  const unit = UNITS.find(({ ms }) => lengthMs >= 2 * ms) ?? UNITS[2]
  return [
    '```mermaid',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis "${unit.name} since the start" 0 --> ${round(lengthMs / unit.ms)}`,
    `  y-axis "%" 0 --> ${highest}`,
    ...lines.map((line) => `  line [${sampled(line, span.fromMs, lengthMs).join(', ')}]`),
    '```',
  ].join('\n')
}

/** The value that held at each of evenly spaced times: a weight stays until the next is set. */
function sampled(line: readonly Moment[], fromMs: number, lengthMs: number): number[] {
  return Array.from({ length: POINTS }, (_, i) => {
    const ms = fromMs + (lengthMs * i) / (POINTS - 1)
    const held = line.findLast((moment) => moment.ms <= ms)
    return round(held?.value ?? 0)
  })
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

function round(value: number): number {
  return Math.round(value * 100) / 100
}
