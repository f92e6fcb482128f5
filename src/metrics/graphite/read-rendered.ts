import { field, list, text } from '../counting/json-shape.js'
import type { Point } from '../counting/points.js'
import type { VendorServer } from '../counting/vendor-server.js'

/**
 * Points by target of what `/render?format=json` answers: `[{ target, datapoints: [[value or null, seconds], …] }]`
 * (https://graphite.readthedocs.io/en/latest/render_api.html#json). A target that matches nothing is left out.
 * @throws UserError if the points are further apart than a step: they would be counted into the wrong window
 */
export function readRendered(
  answer: unknown,
  targets: number,
  stepMs: number,
  server: VendorServer,
): readonly (readonly Point[])[] {
  if (!Array.isArray(answer))
    throw server.failure('the answer is no list of series', 'Look at url: does it lead to Graphite?')
  const points = Array.from({ length: targets }, (): Point[] => [])
  for (const series of answer) {
    const datapoints = list(field(series, 'datapoints')).map((point) => list(point))
    const times = datapoints.map(([, seconds]) => Number(seconds) * 1_000)
    refuseCoarse(times, stepMs, server)
    const index = /^q(\d+)$/.exec(text(field(series, 'target')) ?? '')?.[1]
    if (index === undefined) throw server.failure('a series has not the name that alias() gave it')
    for (const [at, [value]] of datapoints.entries()) {
      const atMs = times[at]
      if (typeof value === 'number' && atMs !== undefined) points[Number(index)]?.push({ atMs, value })
    }
  }
  return points
}

/** Every step has a point, null where there is nothing, and more than one is always asked for. */
function refuseCoarse(times: readonly number[], stepMs: number, server: VendorServer): void {
  if (times.length === 0) return
  const apart = Math.min(...times.slice(1).map((time, index) => time - (times[index] ?? time)))
  if (stepMs % apart === 0) return
  const [came, step] = [apart / 1_000, stepMs / 1_000]
  throw server.failure(
    Number.isFinite(apart)
      ? `points are ${came} s apart, which does not go into a step of ${step} s: set step: ${came}s, or a multiple of it`
      : `there is one point, and more than one step of ${step} s was asked for: set step to how far apart points are stored`,
  )
}
