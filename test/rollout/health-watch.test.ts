import { afterEach, describe, expect, it } from '@jest/globals'
import { HealthWatch } from '../../src/rollout/health-watch.js'
import type { Health, Platform } from '../../src/rollout/ports/platform.js'
import { TransientError } from '../../src/rollout/ports/transient-error.js'
import { UserError } from '../../src/rollout/user-error.js'
import { MemoryPlatform } from '../memory/memory-platform.js'
import { MemoryWorld } from '../memory/memory-world.js'
import { VirtualClock } from '../memory/virtual-clock.js'

const UNREADY_MS = 10_000
const BLIND_MS = 120_000

/** What a watch shows, one after the other, a second apart; an error breaks it. Then it stays open. */
type Shown = Health | Error | 'end'

class ScriptedPlatform extends MemoryPlatform {
  readonly #clock: VirtualClock
  readonly #shown: Shown[]
  begun = 0

  constructor(clock: VirtualClock, shown: readonly Shown[]) {
    super(new MemoryWorld(clock))
    this.#clock = clock
    this.#shown = [...shown]
  }

  override async *watch(_place: string, signal: AbortSignal): AsyncIterable<Health> {
    this.begun++
    for (;;) {
      const next = this.#shown.shift()
      if (next === 'end' || signal.aborted) return
      if (next instanceof Error) throw next
      if (next !== undefined) yield next
      await this.#clock.sleep(1_000, signal)
    }
  }
}

const well: Health = { wanted: 2, ready: 2, restarts: 0 }
const watches: HealthWatch[] = []
afterEach(async () => {
  for (const watch of watches.splice(0)) await watch.stop()
})

function watching(shown: readonly Shown[]) {
  const clock = new VirtualClock()
  const platform = new ScriptedPlatform(clock, shown)
  const watch = new HealthWatch(platform satisfies Platform, 'green', clock)
  watches.push(watch)
  const problem = (): string | undefined => watch.problem(clock.monotonicMs(), UNREADY_MS)
  return { clock, platform, watch, problem }
}

describe('the health of a candidate', () => {
  it('is no problem while all replicas are ready', async () => {
    const { clock, problem } = watching([well])
    await clock.sleep(60_000)
    expect(problem()).toBeUndefined()
  })

  it('is a problem when replicas were missing for ten seconds, and not before', async () => {
    const { clock, problem } = watching([well, { ...well, ready: 1, detail: 'exit code 137' }])
    await clock.sleep(10_500)
    expect(problem()).toBeUndefined()
    await clock.sleep(1_000)
    expect(problem()).toMatch(
      /only 1 of 2 replicas of the candidate have been ready for \d+ s \(exit code 137\)/,
    )
  })

  it('is no problem when the missing replica is back in time', async () => {
    const { clock, problem } = watching([{ ...well, ready: 1 }, well])
    await clock.sleep(60_000)
    expect(problem()).toBeUndefined()
  })

  it('is a problem at the first restart, whatever is ready', async () => {
    const { clock, problem } = watching([
      { ...well, restarts: 3 },
      { ...well, restarts: 4 },
    ])
    await clock.sleep(2_500)
    expect(problem()).toContain('restarted once')
  })

  it('does not count the restarts of before', async () => {
    const { clock, problem } = watching([{ ...well, restarts: 3 }])
    await clock.sleep(2_500)
    expect(problem()).toBeUndefined()
  })

  it('is a problem when somebody has scaled it to nothing: none of none is not health', async () => {
    const { clock, problem } = watching([well, { wanted: 0, ready: 0, restarts: 0 }])
    await clock.sleep(13_000)
    expect(problem()).toContain('only 0 of 0 replicas')
  })

  it('is watched again when the watch ends or breaks off, and what comes then counts', async () => {
    const { clock, platform, problem, watch } = watching([
      well,
      'end',
      new TransientError('connection lost'),
      { ...well, restarts: 1 },
    ])
    await clock.sleep(10_000)
    expect(platform.begun).toBe(3)
    expect(problem()).toContain('restarted once')
    expect(() => watch.requireSight(BLIND_MS)).not.toThrow()
  })

  it('that nobody could see for two minutes is told as such', async () => {
    const { clock, watch } = watching([well, ...Array<Error>(500).fill(new TransientError('503'))])
    await clock.sleep(100_000)
    expect(() => watch.requireSight(BLIND_MS)).not.toThrow()
    await clock.sleep(30_000)
    expect(() => watch.requireSight(BLIND_MS)).toThrow(
      /nothing has been heard of the candidate’s health for 2m\d+s: 503/,
    )
  })

  it('that may not be seen is told at once', async () => {
    const { clock, watch } = watching([new UserError('watch: 403 forbidden')])
    await clock.sleep(1_000)
    expect(() => watch.requireSight(BLIND_MS)).toThrow('watch: 403 forbidden')
  })
})
