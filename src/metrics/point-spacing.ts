import type { UserError } from '../rollout/user-error.js'

/**
 * So much before a window is asked for too, in milliseconds, where points come one for each step: to see how far apart they
 * are. Long enough for four points of five minutes each.
 */
export const PROBE_MS = 1_200_000

/** Fewer points say nothing of how far apart they come: where there are few requests, two or three lie on a wider grid by chance. */
const FEWEST = 4

/**
 * How far apart points come, in milliseconds: the widest grid on which all of them lie. Undefined where they are too few to tell.
 * @param timesMs when there is a point, in any order
 */
export function spacingOf(timesMs: readonly number[]): number | undefined {
  const times = [...new Set(timesMs)]
  const [first = 0] = times
  if (times.length < FEWEST) return undefined
  return times.reduce((apart, time) => greatestCommonDivisor(apart, Math.abs(time - first)), 0)
}

/** What came, what was asked for, and what to do. @param key of the source, that says how far apart its points are */
export function tooCoarse(apartMs: number, stepMs: number, key: string): string {
  const [came, asked] = [apartMs / 1_000, stepMs / 1_000]
  return `points come ${came} s apart and not ${asked} s, so that their counts may be those of other windows: set ${key}: ${came}s in the settings of the source`
}

/**
 * Counts of a point that stands for more than a step are those of several windows.
 * @param series points of all that was asked at once: they come alike
 * @param key of the source, that says how far apart its points are
 * @throws UserError where points come less often than once a step
 */
export function refuseCoarser(
  series: readonly (readonly { readonly atMs: number }[])[],
  stepMs: number,
  key: string,
  server: { failure(said: string): UserError },
): void {
  const apartMs = spacingOf(series.flatMap((points) => points.map(({ atMs }) => atMs)))
  if (apartMs !== undefined && apartMs > stepMs) throw server.failure(tooCoarse(apartMs, stepMs, key))
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other)
}
