import { describe, expect, it } from '@jest/globals'
import type { Router } from '../../src/rollout/ports/router.js'
import { TransientError } from '../../src/rollout/ports/transient-error.js'
import { MemoryPlatform } from '../memory/memory-platform.js'
import { MemoryRouter } from '../memory/memory-router.js'
import { POLICY, type Stage } from '../memory/memory-scene.js'
import { at, ledgerOf, OTHER, stageWith, step } from '../memory/played-steps.js'

const HOUR = 3_600_000

/** A router of the stage whose count of what is open a test decides, asked at each look. */
function counting(stage: Stage, remaining: () => number | 'unknown'): Router {
  class CountingRouter extends MemoryRouter {
    override async remaining(): Promise<number | 'unknown'> {
      return remaining()
    }
  }
  return new CountingRouter(stage.world)
}

/** v2 at 50 %, so that the next step promotes it and retires v1. */
async function almostDone(): Promise<Stage> {
  const stage = await stageWith('v1')
  await at(stage, 'v2', 50)
  return stage
}

describe('what was promoted over', () => {
  it('is stopped only when its requests in flight have ended', async () => {
    const stage = await almostDone()
    let openUntil = Infinity
    const stoppedAt = (): boolean => !stage.world.places.has('blue')
    const router = counting(stage, () => {
      if (openUntil === Infinity) openUntil = stage.clock.monotonicMs() + 4_000
      expect(stoppedAt()).toBe(false)
      return stage.clock.monotonicMs() < openUntil ? 3 : 0
    })
    await stage.conductor({ router }).shift(step(100, 0))
    expect(stoppedAt()).toBe(true)
    expect(stage.clock.monotonicMs()).toBeGreaterThanOrEqual(openUntil)
    expect(stage.narrator.lines.join('\n')).not.toContain('still open')
  })

  it('is stopped after the drain time, saying how many connections are still open (trap 23)', async () => {
    const stage = await almostDone()
    const router = counting(stage, () => 3)
    await stage.conductor({ router }).shift(step(100, 0))
    expect(stage.world.places.has('blue')).toBe(false)
    expect(stage.narrator.lines).toContain(
      'notice: 3 connections of blue are still open after 30s and are closed now.',
    )
  })

  it.each([
    ['never', 0],
    ['no longer', 3],
  ])(
    'is stopped after the settle time where the router %s says what is open (trap 23a)',
    async (_, looks) => {
      const stage = await almostDone()
      let asked = 0
      let unknownAt = 0
      const router = counting(stage, () => {
        if (asked++ < looks) return 2
        unknownAt = stage.clock.monotonicMs()
        return 'unknown'
      })
      await stage.conductor({ router }).shift(step(100, 0))
      expect(stage.world.places.has('blue')).toBe(false)
      expect(stage.clock.monotonicMs() - unknownAt).toBeGreaterThanOrEqual(POLICY.timing.settleMs)
      expect(stage.narrator.lines.join('\n')).not.toContain('unknown connections')
    },
  )

  it('stays due when it still gets requests, with a warning; retiring never fails a step', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 100, { policy: { ...POLICY, keepStableWarm: HOUR } })
    stage.world.split = { blue: 1, green: 99 } as typeof stage.world.split
    stage.clock.advance(HOUR + 1)
    await stage.conductor({ actor: OTHER }).sweep()
    expect(stage.world.places.get('blue')?.version).toBe('v1')
    expect(ledgerOf(stage).retire).toMatchObject([{ place: 'blue', version: 'v1' }])
    expect(stage.narrator.lines).toContainEqual(
      expect.stringMatching(/^warning: v1 still runs in blue: blue still gets 1 % of the requests/),
    )
    stage.world.split = { blue: 0, green: 100 } as typeof stage.world.split
    await stage.conductor({ actor: OTHER }).sweep()
    expect(stage.world.places.has('blue')).toBe(false)
    expect(ledgerOf(stage).retire).toEqual([])
  })

  it('stays due when real answers still name it, although the router says 0', async () => {
    const stage = await almostDone()
    let asked = 0
    const witness = {
      address: 'http://told.invalid/',
      ask: async () => ({ version: asked++ > 400 && asked % 50 === 0 ? 'v1' : 'v2', cookie: undefined }),
    }
    const outcome = await stage.conductor({ witness }).shift(step(100, 0))
    expect(outcome).toMatchObject({ result: 'succeeded', stableVersion: 'v2' })
    expect(stage.world.places.get('blue')?.version).toBe('v1')
    expect(ledgerOf(stage).retire).toMatchObject([{ place: 'blue', version: 'v1' }])
  })

  it('stays due when the platform does not answer, and the step still succeeds', async () => {
    const stage = await almostDone()
    class Deaf extends MemoryPlatform {
      override async retire(): Promise<void> {
        throw new TransientError('503')
      }
    }
    const outcome = await stage.conductor({ platform: new Deaf(stage.world) }).shift(step(100, 0))
    expect(outcome.result).toBe('succeeded')
    expect(stage.narrator.lines).toContainEqual(
      expect.stringContaining(
        'retire did not answer within 2m: 503. The next action or the sweep tries again.',
      ),
    )
    await stage.conductor({ actor: OTHER }).sweep()
    expect(stage.world.places.has('blue')).toBe(false)
  })

  it('is not stopped when it has become stable or a candidate again meanwhile', async () => {
    const stage = await stageWith('v1')
    const policy = { ...POLICY, keepStableWarm: HOUR }
    await at(stage, 'v2', 100, { policy })
    await stage.conductor({ policy, actor: OTHER }).deploy({ version: 'v1' })
    stage.clock.advance(HOUR + 1)
    await stage.conductor({ policy, actor: { ...OTHER, run: '300' } }).sweep()
    expect(stage.world.places.get('blue')?.version).toBe('v1')
    expect(stage.world.places.has('green')).toBe(false)
    expect(stage.world.lost).toEqual([])
  })

  it('is not forgotten when another release that was to take its slot is taken back before it got there', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 100, { policy: { ...POLICY, keepStableWarm: HOUR } })
    // A step that dies after opening its rollout, before v1 made room for it.
    const ledger = ledgerOf(stage)
    const rollout = {
      id: 'r9',
      owner: { repository: OTHER.repository, run: OTHER.run, attempt: 1 },
      kind: 'rollout',
      phase: 'placing',
      candidate: { place: 'blue', release: { version: 'v3' } },
      openedAt: stage.clock.wallTime().toISOString(),
      onCancel: 'back',
      weight: 0,
      held: [],
      blocks: [],
      timeline: [],
      visitors: [],
    }
    stage.ledgers.text = JSON.stringify({ ...ledger, rollout })
    await stage.conductor({ actor: OTHER }).rollback({ jobStatus: 'failure' })
    expect(stage.world.places.get('blue')?.version).toBe('v1')
    stage.clock.advance(HOUR + 1)
    await stage.conductor({ actor: OTHER }).sweep()
    expect(stage.world.places.has('blue')).toBe(false)
  })
})
