import type { Sample } from '../../rollout/ports/metric-source.js'
import { commonEdges, histogramsOf } from './bucket-edges.js'
import type { PodOf } from './by-pod.js'
import type { CountedSeries, Counters } from './counters.js'
import { latencyIn } from './latency-counts.js'
import { batchesOf, meanIn, varianceOf } from './mean-counts.js'
import type { LatencyQuery, MeanQuery, ShareQuery } from './metric-settings.js'
import { shareIn, type Unknown } from './share-counts.js'

/** The spread of means is learned from so many scrape intervals before the time that is cut. */
const INTERVALS_OF_SPREAD = 20

/** A query of counters, its placeholders filled in for one side. */
export type CounterQuery = ShareQuery | LatencyQuery | MeanQuery

/** What one side did between two cuts of time. */
export type Piece = Sample | Unknown

/** The time that is cut, and what makes a series new. */
export interface Cuts {
  /** The metric, in messages: `metric errors`. */
  readonly what: string
  readonly cutsMs: readonly number[]
  /** Series that began later are counted from 0; none if not given. */
  readonly bornSinceMs: number | undefined
}

/** Pieces of one side, oldest first, and since when (milliseconds since 1970) there is something to take differences from. */
export interface SidePieces {
  readonly pieces: readonly Piece[]
  readonly sinceMs: number
  /** What they were cut from: the counter without which there is no data, and those beside it. */
  readonly main: CountedSeries
  readonly beside: CountedSeries
}

/** Cuts what several sides did into pieces of time, one query of the same kind for each side. */
export async function piecesOf(
  counters: Counters,
  podOf: PodOf,
  queries: readonly CounterQuery[],
  cuts: Cuts,
): Promise<readonly SidePieces[]> {
  const readings = await Promise.all(queries.map((query) => read(counters, query, cuts)))
  const histograms = readings.map(({ query, main }) =>
    query.kind === 'latency' ? histogramsOf(main.growth, query.unit) : [],
  )
  const edgesMs = commonEdges(histograms.flat())
  return readings.map(({ query, main, beside }, side) => {
    const variance = query.kind === 'mean' ? varianceOf(batchesOf(beside.samples, main.samples)) : undefined
    const sampleIn = (piece: number): Piece | undefined => {
      switch (query.kind) {
        case 'share':
          return shareIn(piece, main.growth, beside.growth, podOf)
        case 'latency':
          return latencyIn(piece, histograms[side] ?? [], edgesMs, podOf)
        case 'mean':
          return meanIn(piece, beside.growth, main.growth, variance)
      }
    }
    const pieces = cuts.cutsMs.slice(1).map((toMs, piece) => {
      return sampleIn(piece) ?? silence(mainOf(query), main, cuts.cutsMs[piece] ?? 0, toMs)
    })
    return { pieces, sinceMs: Math.min(...main.growth.map(({ sinceMs }) => sinceMs)), main, beside }
  })
}

interface Reading {
  readonly query: CounterQuery
  /** The counter without which there is no data. */
  readonly main: CountedSeries
  /** Bad ones, or sums; nothing for buckets. */
  readonly beside: CountedSeries
}

async function read(counters: Counters, query: CounterQuery, cuts: Cuts): Promise<Reading> {
  const { what, cutsMs, bornSinceMs } = cuts
  const beforeMs = query.kind === 'mean' ? counters.intervalMs * INTERVALS_OF_SPREAD : 0
  const counted = (text: string): Promise<CountedSeries> =>
    counters.counted({ what, query: text }, cutsMs, bornSinceMs, beforeMs)
  const others = query.kind === 'share' ? query.bad : query.kind === 'mean' ? [query.sum] : []
  const [main, ...beside] = await Promise.all([counted(mainOf(query)), ...others.map(counted)])
  const samples = beside.flatMap((one) => one.samples)
  return { query, main, beside: { samples, growth: beside.flatMap((one) => one.growth) } }
}

function mainOf(query: CounterQuery): string {
  switch (query.kind) {
    case 'share':
      return query.requests
    case 'latency':
      return query.buckets
    case 'mean':
      return query.count
  }
}

function silence(query: string, { growth }: CountedSeries, fromMs: number, toMs: number): Unknown {
  if (growth.length === 0) return { kind: 'unknown', why: `no series match ${query}`, silent: true }
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString())
  return { kind: 'unknown', why: `nothing was scraped of ${query} from ${from} to ${to}`, silent: true }
}
