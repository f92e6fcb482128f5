import type { MetricWindow } from '../../rollout/ports/metric-source.js'
import { spacingOf } from '../point-spacing.js'

/** Pieces of time that are looked at: of one step each, and of six where these have too little in them. */
const PIECES = 24
const STEPS_IN_PIECE = [1, 6] as const

/** Pieces that are asked for at once. */
const AT_ONCE = 3

/** Whether a metric has anything in a piece of time. */
type HasPoints = (piece: MetricWindow) => Promise<boolean>

/**
 * Finds out how far apart the points of a metric are stored. Answers have no times, since queries add up; so the same query is
 * asked for single steps before a window. Once two steps side by side have something in them, nothing more is asked.
 */
export class SpacingProbe {
  readonly #stepMs: number
  readonly #fine = new Set<string>()
  /** What was found in each piece, by metric: a look asks for what is new. */
  readonly #found = new Map<string, ReadonlyMap<string, boolean>>()

  constructor(stepMs: number) {
    this.#stepMs = stepMs
  }

  /**
   * How far apart the points come, in milliseconds, where that is more than a step; undefined where they are as fine as a step, or
   * too few to tell.
   * @param untilMs a whole step, until which counts are complete
   */
  async coarser(metric: string, untilMs: number, hasPoints: HasPoints): Promise<number | undefined> {
    if (this.#fine.has(metric)) return undefined
    const ask = this.#remembering(metric, hasPoints)
    for (const steps of STEPS_IN_PIECE) {
      const pieceMs = this.#stepMs * steps
      const apartMs = await spacingBefore(untilMs, pieceMs, ask)
      if (apartMs === undefined) continue
      // Points that come in every piece of six steps may still not come in every step.
      if (apartMs === this.#stepMs) this.#fine.add(metric)
      return apartMs > pieceMs ? apartMs : undefined
    }
    return undefined
  }

  /** Forgets what is not asked for again: a look goes no further back than the one before. */
  #remembering(metric: string, hasPoints: HasPoints): HasPoints {
    const before = this.#found.get(metric)
    const found = new Map<string, boolean>()
    this.#found.set(metric, found)
    return async (piece) => {
      const key = `${piece.fromMs} ${piece.toMs}`
      const has = before?.get(key) ?? (await hasPoints(piece))
      found.set(key, has)
      return has
    }
  }
}

/** How far apart the pieces are that have something in them, the newest first; undefined where they are too few to tell. */
async function spacingBefore(
  untilMs: number,
  pieceMs: number,
  hasPoints: HasPoints,
): Promise<number | undefined> {
  // Pieces begin at whole ones, so that the next look finds what this one found; the newest may not be over.
  const endMs = Math.ceil(untilMs / pieceMs) * pieceMs
  const times: number[] = []
  for (let back = 1; back <= PIECES; back += AT_ONCE) {
    const starts = Array.from({ length: AT_ONCE }, (_, index) => endMs - (back + index) * pieceMs)
    const found = await Promise.all(
      starts.map((fromMs) => hasPoints({ fromMs, toMs: Math.min(untilMs, fromMs + pieceMs) })),
    )
    times.push(...starts.filter((_, index) => found[index]))
    if (times.some((time) => times.includes(time - pieceMs))) return pieceMs
  }
  return spacingOf(times)
}
