import { describe, expect, it } from '@jest/globals'
import type { Platform } from '../../src/rollout/ports/platform.js'
import type { Router } from '../../src/rollout/ports/router.js'
import { TransientError } from '../../src/rollout/ports/transient-error.js'
import type { Scene } from '../../src/rollout/scene.js'
import { UserError } from '../../src/rollout/user-error.js'
import { MemoryPlatform } from '../memory/memory-platform.js'
import { MemoryRouter } from '../memory/memory-router.js'
import { POLICY, type Stage } from '../memory/memory-scene.js'
import { at, ledgerOf, stageWith, step } from '../memory/played-steps.js'

/** Holds 25 % for ten minutes, and cancels the job after `afterMs`. */
async function cancelledWhileHolding(stage: Stage, afterMs: number, change: Partial<Scene> = {}) {
  const cancel = new AbortController()
  const shifting = stage.conductor({ ...change, signal: cancel.signal }).shift(step(25, 600_000))
  await stage.clock.sleep(afterMs)
  cancel.abort()
  return shifting
}

/** A router that refuses to be written while `troubled` says so. */
function troubledRouter(stage: Stage, troubled: () => Error | undefined): Router {
  class Troubled extends MemoryRouter {
    override async write(...args: Parameters<MemoryRouter['write']>): Promise<string> {
      const trouble = troubled()
      if (trouble !== undefined) throw trouble
      return super.write(...args)
    }
  }
  return new Troubled(stage.world)
}

describe('a job that is cancelled', () => {
  it('asks again on its way back when the API answers 503: the way back outlives the cancellation', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    let failures = 0
    const router = troubledRouter(stage, () =>
      stage.world.split.green === 25 && failures++ < 2 ? new TransientError('503') : undefined,
    )
    const outcome = await cancelledWhileHolding(stage, 30_000, { router })
    expect(failures).toBe(3)
    expect(outcome).toMatchObject({ result: 'failed', weight: 0 })
    expect(stage.serving()).toEqual({ v1: 100 })
    expect(outcome.problem?.hint).toMatch(/re-run all jobs; .*run `rollback`/)
    expect(ledgerOf(stage).lease).toBeUndefined()
  })

  it('says where traffic stands when even the way back is refused', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    const router = troubledRouter(stage, () =>
      stage.world.split.green === 25 ? new UserError('403 forbidden') : undefined,
    )
    const outcome = await cancelledWhileHolding(stage, 30_000, { router })
    expect(outcome.problem?.message).toBe('403 forbidden')
    expect(outcome.position).toBe(
      'blue (v1) 75 %, green (v2) 25 %; on its way to blue 100 %, green 0 %, not confirmed',
    )
    expect(ledgerOf(stage).lease).toBeUndefined()
    expect((await stage.conductor().finishJob('cancelled')).result).toBe('rolled-back')
    expect(stage.serving()).toEqual({ v1: 100 })
  })

  it('in the middle of going back finishes going back', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const cancel = new AbortController()
    let tries = 0
    // The first try to write the way back fails as the signal comes.
    const router = troubledRouter(stage, () => {
      if (tries++ > 0) return undefined
      cancel.abort()
      return new TransientError('503')
    })
    const outcome = await stage
      .conductor({ router, signal: cancel.signal })
      .rollback({ jobStatus: 'failure', reason: 'too slow' })
    expect(outcome).toMatchObject({ result: 'failed', sentence: 'cancelled; all requests go to stable' })
    expect(stage.serving()).toEqual({ v1: 100 })
    expect(ledgerOf(stage)).toMatchObject({
      split: { blue: 100, green: 0 },
      rollout: { phase: 'going-back', setback: { reason: 'too slow' } },
    })
    expect(ledgerOf(stage).intended).toBeUndefined()
  })

  it('after the promotion, while the old slot drains, undoes nothing and keeps no lease', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 50)
    class Draining extends MemoryRouter {
      override async remaining(): Promise<number | 'unknown'> {
        return 3
      }
    }
    const cancel = new AbortController()
    const shifting = stage
      .conductor({ router: new Draining(stage.world), signal: cancel.signal })
      .shift(step(100, 0))
    await stage.clock.sleep(15_000)
    expect(ledgerOf(stage).stable?.release.version).toBe('v2')
    cancel.abort()
    const outcome = await shifting
    expect(outcome).toMatchObject({ stableVersion: 'v2', sentence: 'cancelled; no rollout is open' })
    expect(ledgerOf(stage).lease).toBeUndefined()
    expect(ledgerOf(stage).retire).toMatchObject([{ place: 'blue', version: 'v1' }])
    expect(stage.serving()).toEqual({ v2: 100 })
  })

  it('between two steps holds too, where the rollout was opened with on-cancel: hold', async () => {
    const stage = await stageWith('v1')
    const policy = { ...POLICY, onCancel: 'hold' as const }
    await at(stage, 'v2', 25, { policy })
    expect((await stage.conductor().finishJob('cancelled')).result).toBe('held')
    expect(stage.serving()).toEqual({ v1: 75, v2: 25 })
    // What holds for a cancellation does not hold for a failure.
    expect((await stage.conductor().finishJob('failure')).result).toBe('rolled-back')
  })

  it('does not hold what had failed before', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { errorShare: 0.3 })
    const policy = { ...POLICY, onCancel: 'hold' as const }
    await at(stage, 'v2', 25, { policy })
    expect((await stage.conductor().finishJob('cancelled')).result).toBe('rolled-back')
  })
})

describe('a candidate that is not ready', () => {
  it.each(['back', 'hold', 'report'] as const)('gets no weight, also with on-fail: %s', async (onFail) => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const green = stage.world.places.get('green')
    if (green !== undefined) green.wanted = 1
    const policy = { ...POLICY, onFail }
    const outcome = await stage.conductor({ policy }).shift(step(25))
    expect(outcome.problem?.message).toContain('v2 has 1 of 2 replicas ready in green')
    expect(stage.serving()).toEqual({ v1: 100 })
  })
})

describe('a promotion that was cut short after the Service had moved', () => {
  it('moves it back before the candidate is stopped', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 50)
    const moves: string[] = []
    class Following extends MemoryPlatform {
      override async follow(place: Parameters<Platform['follow']>[0]): Promise<void> {
        moves.push(place)
        await super.follow(place)
        if (place === 'green') throw new UserError('403 after the change')
      }
      override async retire(place: Parameters<Platform['retire']>[0]): Promise<void> {
        moves.push(`stop ${place}`)
        await super.retire(place)
      }
    }
    const platform = new Following(stage.world)
    await stage.conductor({ platform }).shift(step(100, 0))
    expect(stage.world.stableFollows).toBe('green')
    await stage.conductor({ platform }).rollback({ jobStatus: 'failure' })
    expect(moves).toEqual(['green', 'blue', 'stop green'])
    expect(stage.world.stableFollows).toBe('blue')
  })
  it('does not make a candidate stable that has died meanwhile: the step that finishes it goes back', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 50)
    class Refused extends MemoryPlatform {
      override async follow(): Promise<void> {
        throw new UserError('403')
      }
    }
    await stage.conductor({ platform: new Refused(stage.world) }).shift(step(100, 0))
    expect(ledgerOf(stage).rollout?.phase).toBe('promoting')
    stage.world.behave('v2', { diesAfterMs: 0 })
    const outcome = await stage.conductor().shift(step(100, 0))
    expect(outcome.problem?.message).toContain('v2 has 0 of 2 replicas ready in green')
    expect(stage.serving()).toEqual({ v1: 100 })
  })
})
