/** Points of a line; they are spread evenly over the time, as the chart draws them. */
const POINTS = 48

/** Units for the time axis: the largest that the time lasted for at least twice. */
const UNITS = [
  { name: 'hours', ms: 3_600_000 },
  { name: 'minutes', ms: 60_000 },
  { name: 'seconds', ms: 1_000 },
] as const

/** A value that was reached, and when, in milliseconds since 1970. */
export interface Moment {
  readonly ms: number
  readonly value: number
}

export interface TimeChart {
  /** Plain letters, digits and signs that mean nothing in quotes: it is not escaped. */
  readonly title: string
  /** What the time is counted from: `since the start`. */
  readonly since: string
  readonly fromMs: number
  readonly toMs: number
  readonly y: { readonly name: string; readonly low: number; readonly high: number }
  /** A value holds until the next; before the first it is 0. */
  readonly lines: readonly (readonly Moment[])[]
}

/** Lines over time as Mermaid's xychart, which knows no legend. https://mermaid.js.org/syntax/xyChart.html */
export function xychart({ title, since, fromMs, toMs, y, lines }: TimeChart): string {
  const lengthMs = toMs - fromMs
  const unit = UNITS.find(({ ms }) => lengthMs >= 2 * ms) ?? UNITS[2]
  return [
    '```mermaid',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis "${unit.name} ${since}" 0 --> ${rounded(lengthMs / unit.ms)}`,
    `  y-axis "${y.name}" ${y.low} --> ${y.high}`,
    ...lines.map((line) => `  line [${sampled(line, fromMs, lengthMs).join(', ')}]`),
    '```',
  ].join('\n')
}

/** The value that held at each of evenly spaced times. */
function sampled(line: readonly Moment[], fromMs: number, lengthMs: number): number[] {
  return Array.from({ length: POINTS }, (_, i) => {
    const ms = fromMs + (lengthMs * i) / (POINTS - 1)
    const held = line.findLast((moment) => moment.ms <= ms)
    return rounded(held?.value ?? 0)
  })
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
