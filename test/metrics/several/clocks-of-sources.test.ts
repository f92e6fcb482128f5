import { describe, expect, it } from '@jest/globals'
import { ClocksOfSources } from '../../../src/metrics/several/clocks-of-sources.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import type { MetricSource } from '../../../src/rollout/ports/metric-source.js'

const RUNNER = Date.UTC(2026, 0, 6, 11)

function source(name: string, now?: () => Promise<number>): MetricSource {
  return {
    name,
    lagMs: 0,
    counts: () => Promise.resolve({ kind: 'no-data', why: 'not asked' }),
    ...(now !== undefined && { now: async () => new Date(await now()) }),
  }
}
const ahead = (ms: number) => () => Promise.resolve(RUNNER + ms)
const never = (): Promise<number> => new Promise(() => undefined)
const clocks = (...sources: MetricSource[]) => new ClocksOfSources(sources, () => new Date(RUNNER))

describe('the time of several sources', () => {
  it('is that of the clock which is furthest behind', async () => {
    const time = clocks(source('a', ahead(2_000)), source('b', ahead(-3_000)), source('c'))
    expect((await time.now()).getTime()).toBe(RUNNER - 3_000)
  })

  it.each([
    [300_000, 0, 'the clock of a is 300 s ahead of that of b; set the wrong one right'],
    [0, 300_000, 'the clock of b is 300 s ahead of that of a; set the wrong one right'],
  ])('is none where two are five minutes apart: %i ms and %i ms', async (one, other, told) => {
    const time = clocks(source('a', ahead(one)), source('b', ahead(other)))
    await expect(time.now()).rejects.toThrow(new TransientError(told))
  })

  it('does not wait for one that is slow to tell, once another is known', async () => {
    let slow = ahead(-1_000)
    const time = clocks(
      source('a', ahead(0)),
      source('b', () => slow()),
    )
    expect((await time.now()).getTime()).toBe(RUNNER - 1_000)
    slow = never
    expect((await time.now()).getTime()).toBe(RUNNER - 1_000)
    expect((await time.now()).getTime()).toBe(RUNNER - 1_000)
  })

  it('asks one that still owes its answer only once', async () => {
    let asked = 0
    const time = clocks(
      source('a', ahead(0)),
      source('b', () => (++asked === 1 ? Promise.reject(new TransientError('away')) : never())),
    )
    for (let looks = 0; looks < 4; looks++) expect((await time.now()).getTime()).toBe(RUNNER)
    expect(asked).toBe(2)
  })

  it('is asked for again of one that was away, and learned when it is back', async () => {
    const answers = [Promise.reject(new TransientError('away')), Promise.resolve(RUNNER - 5_000)]
    for (const one of answers) one.catch(() => undefined)
    const time = clocks(
      source('a', ahead(0)),
      source('b', () => answers.shift() ?? never()),
    )
    expect((await time.now()).getTime()).toBe(RUNNER)
    await time.now()
    await new Promise((later) => setImmediate(later))
    expect((await time.now()).getTime()).toBe(RUNNER - 5_000)
  })
})
