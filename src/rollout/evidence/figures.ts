import { added, percentileOf, requestsIn, sameEdges } from './histogram.js'
import type { Block } from '../ports/judge.js'
import type { LatencySample, Sample } from '../ports/metric-source.js'
import type { SideFigures } from '../timeline.js'

/** What one side did over several blocks: requests, errors and p95, as far as they were counted. */
export function figuresOf(blocks: readonly Block[], side: 'stable' | 'candidate'): SideFigures | undefined {
  const shares = firstOf(blocks, side, (sample) => sample.kind === 'share')
  const latencies = firstOf(blocks, side, (sample) => sample.kind === 'latency')
  if (shares.length === 0 && latencies.length === 0) return undefined
  const latency = latencies.reduce<LatencySample | undefined>(addLatency, undefined)
  const p95Ms = latency === undefined ? undefined : percentileOf(latency, 95)
  const requests = shares.length > 0 ? sum(shares.map((share) => share.requests)) : requestsOf(latency)
  return {
    requests,
    ...(shares.length > 0 && { errors: sum(shares.map((share) => share.bad)) }),
    ...(p95Ms !== undefined && { p95Ms }),
  }
}

/** The samples of the first metric of a kind. Others of that kind count the same requests or some of them, so nothing is added up over metrics. */
function firstOf<Kind extends Sample>(
  blocks: readonly Block[],
  side: 'stable' | 'candidate',
  isKind: (sample: Sample) => sample is Kind,
): readonly Kind[] {
  const found = blocks.flatMap(({ metrics }) =>
    Object.entries(metrics).flatMap(([name, { [side]: sample }]) =>
      sample !== undefined && isKind(sample) ? [{ name, sample }] : [],
    ),
  )
  return found.filter(({ name }) => name === found[0]?.name).map(({ sample }) => sample)
}

/** How many requests (or values) a sample speaks of; a single number does not say. */
export function requestsOf(sample: Sample | undefined): number {
  if (sample === undefined) return 0
  switch (sample.kind) {
    case 'share':
      return sample.requests
    case 'latency':
      return requestsIn(sample)
    case 'mean':
      return sample.count
    case 'scalar':
      return 0
  }
}

/** Where the source changed its buckets, only those after the change can be added up. */
function addLatency(total: LatencySample | undefined, more: LatencySample): LatencySample {
  return total !== undefined && sameEdges(total, more) ? added(total, more) : more
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** Figures in words: `1,204 requests, 0.1 % errors, p95 12 ms`. */
export function describeFigures(figures: SideFigures | undefined): string {
  if (figures === undefined || figures.requests === 0) return 'no requests'
  const parts = [`${figures.requests.toLocaleString('en-US')} requests`]
  if (figures.errors !== undefined)
    parts.push(`${((100 * figures.errors) / figures.requests).toFixed(1)} % errors`)
  if (figures.p95Ms !== undefined) parts.push(`p95 ${Math.round(figures.p95Ms)} ms`)
  return parts.join(', ')
}
