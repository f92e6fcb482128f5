import { describe, expect, it } from '@jest/globals'
import { ACTOR, POLICY, Stage } from '../memory/memory-scene.js'
import { at, ledgerOf, OTHER, stageWith, step } from '../memory/played-steps.js'
import type { Weight } from '../../src/rollout/weight.js'

describe('a good release', () => {
  it('goes through its weights and becomes stable, and the old slot is retired', async () => {
    const stage = await stageWith('v1')
    const deployed = await stage.conductor().deploy({ version: 'v2' })
    expect(deployed).toMatchObject({
      result: 'succeeded',
      stableVersion: 'v1',
      candidateVersion: 'v2',
      slot: 'green',
      weight: 0,
    })
    expect(stage.serving()).toEqual({ v1: 100 })
    for (const weight of [5, 25, 50]) {
      const outcome = await stage.conductor().shift(step(weight))
      expect(outcome).toMatchObject({ result: 'succeeded', weight })
      expect(stage.serving()).toEqual({ v1: 100 - weight, v2: weight })
    }
    const last = await stage.conductor().shift(step(100))
    expect(last).toMatchObject({ result: 'succeeded', stableVersion: 'v2' })
    expect(stage.serving()).toEqual({ v2: 100 })
    expect([...stage.world.places.keys()]).toEqual(['green'])
    expect(ledgerOf(stage).rollout).toBeUndefined()
    expect(ledgerOf(stage).lease).toBeUndefined()
    expect(stage.world.stableFollows).toBe('green')
    expect(stage.world.lost).toEqual([])
  })

  it('writes explicit zeros and observes the share by real answers', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const outcome = await stage.conductor().shift(step(25))
    expect(Number(outcome.observedShare)).toBeCloseTo(25, 0)
    await stage.conductor().rollback({ jobStatus: 'failure' })
    expect(stage.world.split).toEqual({ blue: 100, green: 0 })
  })

  it('says that the share is unknown where nobody can be asked', async () => {
    const stage = await stageWith('v1')
    const outcome = await at(stage, 'v2', 25, { witness: undefined })
    expect(outcome.observedShare).toBe('unknown')
  })

  it('keeps the old slot for blue-green until the next deploy needs it', async () => {
    const stage = await stageWith('v1')
    const policy = { ...POLICY, keepStableWarm: 'until-next' as const }
    await at(stage, 'v2', 100, { policy })
    expect([...stage.world.places.keys()]).toEqual(['blue', 'green'])
    await stage.conductor({ policy, actor: OTHER }).deploy({ version: 'v3' })
    expect(stage.world.places.get('blue')?.version).toBe('v3')
    expect(stage.world.lost).toEqual([])
  })

  it('retires the old slot only after its warm time, by the sweep', async () => {
    const stage = await stageWith('v1')
    const policy = { ...POLICY, keepStableWarm: 3_600_000 }
    await at(stage, 'v2', 100, { policy })
    await stage.conductor({ policy, actor: OTHER }).sweep()
    expect(stage.world.places.has('blue')).toBe(true)
    stage.clock.advance(3_600_001)
    await stage.conductor({ policy, actor: OTHER }).sweep()
    expect(stage.world.places.has('blue')).toBe(false)
  })
})

describe('every step run twice', () => {
  it('changes nothing the second time', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    expect((await stage.conductor().deploy({ version: 'v2' })).result).toBe('unchanged')
    for (const weight of [5, 25, 100]) {
      expect((await stage.conductor().shift(step(weight))).result).toBe('succeeded')
      const before = stage.world.history.length
      expect((await stage.conductor().shift(step(weight))).result).toBe('unchanged')
      expect(stage.world.history.length).toBe(before)
    }
    expect((await stage.conductor().deploy({ version: 'v2' })).result).toBe('unchanged')
    expect((await stage.conductor().rollback({ jobStatus: 'success' })).result).toBe('unchanged')
    expect(stage.serving()).toEqual({ v2: 100 })
  })

  it('never takes a rollout back to an earlier weight', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 50)
    expect((await stage.conductor().shift(step(5))).result).toBe('unchanged')
    expect(stage.serving()).toEqual({ v1: 50, v2: 50 })
    expect(stage.narrator.lines.at(-1)).toMatch(/^notice: The candidate keeps 50 %.*`rollback` does/)
    expect((await stage.conductor().shift(step(0))).result).toBe('unchanged')
    expect(stage.narrator.lines.at(-1)).toMatch(
      /^warning: The candidate keeps 50 %, although 0 % .*`rollback` does/,
    )
  })
})

describe('the first release ever', () => {
  it('does nothing below 100 % and is live after it', async () => {
    const stage = new Stage()
    await stage.conductor().deploy({ version: 'v1' })
    expect((await stage.conductor().shift(step(25))).result).toBe('unchanged')
    expect(stage.serving()).toEqual({})
    expect((await stage.conductor().shift(step(100))).result).toBe('succeeded')
    expect(stage.serving()).toEqual({ v1: 100 })
  })

  it('leaves nothing live when it is bad, and says so', async () => {
    const stage = new Stage()
    stage.world.behave('v1', { readyAfterMs: Infinity })
    await stage.conductor().deploy({ version: 'v1' })
    const back = await stage.conductor().rollback({ jobStatus: 'failure' })
    expect(back.result).toBe('failed')
    expect(back.sentence).toContain('no release serves now')
    expect([...stage.world.places.keys()]).toEqual([])
  })
})

describe('strategies without slots', () => {
  it('in place, deploy does all of it, the canary steps answer unchanged, and the end of the job closes it', async () => {
    const stage = new Stage('in-place')
    const policy = { ...POLICY, plan: { strategy: 'rolling' as const, steps: [] } }
    await stage.conductor({ policy }).deploy({ version: 'v1' })
    expect((await stage.conductor({ policy }).finishJob('success')).result).toBe('succeeded')
    const actor = OTHER
    expect(await stage.conductor({ policy, actor }).deploy({ version: 'v2' })).toMatchObject({
      result: 'succeeded',
      weight: 100,
    })
    expect((await stage.conductor({ policy, actor }).shift(step(25))).result).toBe('unchanged')
    expect((await stage.conductor({ policy, actor }).finishJob('failure')).result).toBe('rolled-back')
    expect(stage.world.places.get('live')?.version).toBe('v1')
  })

  it.each([
    ['back', 'rolled-back', 'v1'],
    ['report', 'rolled-back', 'v1'],
    ['hold', 'held', 'v2'],
  ] as const)(
    'in place, a release that has died by the end of its job is not closed as stable (on-fail: %s: %s)',
    async (onFail, result, live) => {
      const stage = new Stage('in-place')
      const policy = { ...POLICY, onFail, plan: { strategy: 'rolling' as const, steps: [] } }
      await stage.conductor({ policy }).deploy({ version: 'v1' })
      await stage.conductor({ policy }).finishJob('success')
      stage.world.behave('v2', { diesAfterMs: 5_000 })
      const change = { policy, actor: OTHER }
      await stage.conductor(change).deploy({ version: 'v2' })
      await stage.clock.sleep(6_000)
      expect(await stage.conductor(change).finishJob('success')).toMatchObject({
        result,
        stableVersion: 'v1',
      })
      expect(stage.world.places.get('live')?.version).toBe(live)
    },
  )

  it('a feature flag shares by variants, closes at 100 % without a swap, and must be at 0 for the next rollout', async () => {
    const stage = new Stage('flag')
    await stage.live('v1')
    expect(stage.world.split).toEqual({ off: 0, on: 100 })
    const refused = await stage.conductor().deploy({ version: 'v2' })
    expect(refused.problem?.message).toContain('the flag still serves')
    stage.world.split = { off: 100 as Weight, on: 0 as Weight }
    expect((await stage.conductor().deploy({ version: 'v2' })).result).toBe('succeeded')
    expect((await stage.conductor().shift(step(25))).result).toBe('succeeded')
    expect(stage.world.split).toEqual({ off: 75, on: 25 })
  })

  it('a feature flag goes back by the flag alone: what runs in place stays as it is', async () => {
    const stage = new Stage('flag')
    await stage.live('v1')
    stage.world.split = { off: 100 as Weight, on: 0 as Weight }
    await stage.conductor().deploy({ version: 'v2' })
    await stage.conductor().shift(step(25))
    const back = await stage.conductor().rollback({ jobStatus: 'failure' })
    expect(back.result).toBe('rolled-back')
    expect(stage.world.split).toEqual({ off: 100, on: 0 })
    expect(stage.world.places.get('live')?.version).toBe('v2')
  })
})

describe('another build under the label of the stable one', () => {
  const [one, other] = [
    { version: 'v1', image: 'shop@sha256:1' },
    { version: 'v1', image: 'shop@sha256:2' },
  ]
  const live = async (): Promise<Stage> => {
    const stage = new Stage()
    const actor = { ...ACTOR, run: 'live' }
    await stage.conductor({ actor }).deploy(one)
    await stage.conductor({ actor }).shift(step(100))
    return stage
  }

  it('is refused where answers are asked for their version: nobody could tell the two apart', async () => {
    const stage = await live()
    const { problem } = await stage.conductor().deploy(other)
    expect(problem?.message).toContain('another build under the same label (shop@sha256:2)')
    expect([ledgerOf(stage).rollout, ledgerOf(stage).lease]).toEqual([undefined, undefined])
    expect(stage.world.versionOf('green')).toBeUndefined()
  })

  it('is a release like any other where nobody asks', async () => {
    const stage = await live()
    expect((await stage.conductor({ witness: undefined }).deploy(other)).result).toBe('succeeded')
  })
})

describe('a dry run', () => {
  it('says what would change and changes nothing', async () => {
    const stage = await stageWith('v1')
    const policy = { ...POLICY, dryRun: true }
    const before = stage.ledgers.text
    const outcome = await stage.conductor({ policy }).deploy({ version: 'v2' })
    expect(outcome.sentence).toBe('dry run: would put v2 into green at 0 %; v1 stays live in blue')
    expect(stage.ledgers.text).toBe(before)
    expect([...stage.world.places.keys()]).toEqual(['blue'])
  })
})

describe('a migration before the release', () => {
  it('reserves the service for this run, and deploy takes the reservation over', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().prepare(async () => ({ result: 'succeeded', sentence: 'migrated' }))
    expect(ledgerOf(stage).rollout?.phase).toBe('reserved')
    const other = await stage.conductor({ actor: OTHER }).prepare(async () => {
      throw new Error('must not run')
    })
    expect(other.problem?.message).toContain('is busy')
    const id = ledgerOf(stage).rollout?.id
    expect((await stage.conductor().deploy({ version: 'v2' })).state).toBe(id)
  })

  it('that no deploy follows is withdrawn when the job fails', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().prepare(async () => ({ result: 'succeeded', sentence: 'migrated' }))
    await stage.conductor().finishJob('failure')
    expect(ledgerOf(stage).closed[0]?.outcome).toBe('withdrawn')
    expect(stage.serving()).toEqual({ v1: 100 })
  })
})
