import { describe, expect, it } from '@jest/globals'
import type { Weight } from '../../src/rollout/weight.js'
import { ACTOR, POLICY } from '../memory/memory-scene.js'
import { at, ledgerOf, OTHER, stageWith, step } from '../memory/played-steps.js'

describe('a bad release', () => {
  it('is at 0 % before the step that found out ends, and only going back may follow', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { errorShare: 0.2 })
    const outcome = await at(stage, 'v2', 5)
    expect(outcome).toMatchObject({ result: 'failed', weight: 0 })
    expect(outcome.report?.judgement.verdict).toBe('fail')
    expect(stage.serving()).toEqual({ v1: 100 })
    expect(stage.narrator.lines).toContainEqual(
      expect.stringMatching(/^The last look: 2s at 5 %: stable .*; candidate .*20\.0 % errors/),
    )
    expect((await stage.conductor().shift(step(25))).problem?.message).toContain('has failed')
    expect((await stage.conductor().deploy({ version: 'v2' })).problem?.message).toContain('has failed')
    const back = await stage.conductor().rollback({ jobStatus: 'failure' })
    expect(back).toMatchObject({ result: 'rolled-back', restoredVersion: 'v1' })
    expect([...stage.world.places.keys()]).toEqual(['blue'])
    expect(stage.world.lost).toEqual([])
  })

  it('says how long going back took, also when an earlier step did it', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { errorShare: 0.2 })
    await at(stage, 'v2', 5)
    const took = ledgerOf(stage).rollout
    const tookMs = took !== undefined && 'setback' in took ? took.setback.tookMs : undefined
    expect(tookMs).toBeGreaterThan(100)
    const back = await stage.conductor().rollback({ jobStatus: 'failure' })
    expect(back.seconds).toBe((tookMs ?? 0) / 1_000)
  })

  it('is closed by the post step whatever the job says', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { errorShare: 0.2 })
    await at(stage, 'v2', 5)
    expect((await stage.conductor().finishJob('success')).result).toBe('rolled-back')
    expect(ledgerOf(stage).rollout).toBeUndefined()
  })

  it('that dies while a weight is held fails its step, although no request of it is counted', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { diesAfterMs: 6_000 })
    const outcome = await at(stage, 'v2', 25, { metrics: undefined })
    await stage
      .conductor({ metrics: undefined })
      .shift({ weight: 50 as Weight, holdMs: 60_000, analyze: true })
    expect(outcome.result).toBe('succeeded')
    expect(stage.serving()).toEqual({ v1: 100 })
  })

  it('that never becomes ready fails at the deadline with its last words, and stable is untouched', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { readyAfterMs: Infinity })
    const outcome = await stage.conductor().deploy({ version: 'v2' })
    expect(outcome.problem?.message).toContain('was not ready in green within 5m (0 of 2 replicas')
    expect(outcome.problem?.message).toContain('waiting for something that never comes')
    expect(stage.serving()).toEqual({ v1: 100 })
    await stage.conductor().rollback({ jobStatus: 'failure' })
    expect([...stage.world.places.keys()]).toEqual(['blue'])
  })

  it('is held, not taken back, where the config says so', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { errorShare: 0.2 })
    const policy = { ...POLICY, onFail: 'hold' as const }
    expect(await at(stage, 'v2', 5, { policy })).toMatchObject({ result: 'held', weight: 5 })
    expect((await stage.conductor({ policy }).finishJob('failure')).result).toBe('held')
    expect(stage.serving()).toEqual({ v1: 95, v2: 5 })
  })

  it('without enough evidence goes back after three times the hold, saying why', async () => {
    const stage = await stageWith('v1')
    const metrics = {
      name: 'silent',
      lagMs: 0,
      counts: async () => ({ kind: 'no-data' as const, why: 'the source is down' }),
    }
    const outcome = await at(stage, 'v2', 5, { metrics })
    expect(outcome.problem?.message).toContain('the source is down')
    expect(stage.clock.monotonicMs()).toBeGreaterThan(30_000)
    expect(stage.serving()).toEqual({ v1: 100 })
  })
})

describe('a return', () => {
  it('brings a release that was stable before to 100 % in one step, and the later steps answer unchanged', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 100)
    const rerun = { ...ACTOR, run: '50', attempt: 2 }
    const back = await stage.conductor({ actor: rerun }).deploy({ version: 'v1' })
    expect(back).toMatchObject({ result: 'succeeded', restoredVersion: 'v1' })
    expect(stage.serving()).toEqual({ v1: 100 })
    for (const weight of [5, 25, 100]) {
      expect((await stage.conductor({ actor: rerun }).shift(step(weight))).result).toBe('unchanged')
    }
    expect(stage.world.lost).toEqual([])
  })

  it('is refused where a contract migration has excluded the release', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 100)
    const ledger = ledgerOf(stage)
    stage.ledgers.text = JSON.stringify({
      ...ledger,
      excluded: [{ version: 'v1', migration: '0007', reason: 'drops orders.total' }],
    })
    const back = await stage.conductor({ actor: OTHER }).deploy({ version: 'v1' })
    expect(back.problem?.message).toContain('0007 stands in between (drops orders.total)')
    expect(stage.serving()).toEqual({ v2: 100 })
  })

  it('of a release that was taken back last is an ordinary rollout, with a notice of why', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { errorShare: 0.2 })
    await at(stage, 'v2', 5)
    await stage.conductor().rollback({ jobStatus: 'failure' })
    const again = await stage.conductor({ actor: OTHER }).deploy({ version: 'v2' })
    expect(again).toMatchObject({ result: 'succeeded', weight: 0 })
    expect(stage.narrator.lines.join('\n')).toContain('more errors than stable')
  })

  it('undoes the promotion by the job that promoted, also when another job opened the rollout', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    await stage.conductor().finishJob('success')
    const everyone = { ...ACTOR, job: 'everyone' }
    await stage.conductor({ actor: everyone }).shift(step(100))
    expect((await stage.conductor().rollback({ jobStatus: 'failure' })).result).toBe('unchanged')
    expect(await stage.conductor({ actor: everyone }).rollback({ jobStatus: 'failure' })).toMatchObject({
      result: 'rolled-back',
      restoredVersion: 'v1',
    })
  })

  it('by rollback needs to say where to, in another job than the one that promoted', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 100)
    const elsewhere = { ...ACTOR, job: 'notify' }
    expect((await stage.conductor({ actor: elsewhere }).rollback({ jobStatus: 'failure' })).result).toBe(
      'unchanged',
    )
    expect((await stage.conductor().rollback({ jobStatus: 'success' })).result).toBe('unchanged')
    expect(await stage.conductor().rollback({ jobStatus: 'failure' })).toMatchObject({
      result: 'rolled-back',
      restoredVersion: 'v1',
    })
    expect(
      await stage.conductor({ actor: elsewhere }).rollback({ to: 'v2', jobStatus: 'success' }),
    ).toMatchObject({ result: 'rolled-back' })
    expect((await stage.conductor().rollback({ to: 'v9', jobStatus: 'success' })).problem?.message).toContain(
      'not a release that the ledger knows',
    )
  })
})

describe('a cancelled job', () => {
  it('leaves all requests at stable', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    const cancel = new AbortController()
    const shifting = stage
      .conductor({ signal: cancel.signal })
      .shift({ weight: 25 as Weight, holdMs: 600_000, analyze: true })
    await stage.clock.sleep(30_000)
    expect(stage.serving()).toEqual({ v1: 75, v2: 25 })
    cancel.abort()
    expect(await shifting).toMatchObject({ result: 'failed', weight: 0 })
    expect(stage.serving()).toEqual({ v1: 100 })
  })

  it('holds where the rollout was opened with on-cancel: hold', async () => {
    const stage = await stageWith('v1')
    const policy = { ...POLICY, onCancel: 'hold' as const }
    await at(stage, 'v2', 5, { policy })
    const cancel = new AbortController()
    const shifting = stage
      .conductor({ signal: cancel.signal })
      .shift({ weight: 25 as Weight, holdMs: 600_000, analyze: true })
    await stage.clock.sleep(30_000)
    cancel.abort()
    expect(await shifting).toMatchObject({ result: 'held', weight: 25 })
    expect((await stage.conductor().finishJob('cancelled')).result).toBe('held')
  })
})

describe('rollback to a release by name', () => {
  const busy = { ...ACTOR, run: 'busy' }
  const night = { ...OTHER, run: 'night' }

  it('that was taken back is refused with those that were stable: nothing is started and nothing stopped', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', { errorShare: 0.2 })
    await at(stage, 'v2', 5)
    await stage.conductor().rollback({ jobStatus: 'failure' })
    const refused = await stage.conductor({ actor: night }).rollback({ jobStatus: 'success', to: 'v2' })
    expect(refused.result).toBe('failed')
    expect(refused.problem?.message).toMatch(
      /^to: "v2" was taken back \(.*\): it is no release to go back to$/,
    )
    expect(refused.problem?.hint).toContain('Stable before: v1.')
    expect([ledgerOf(stage).rollout, stage.serving()]).toEqual([undefined, { v1: 100 }])
  })

  it.each(['v1', 'v0'])(
    '%s is no answer while another run’s candidate has traffic: that run is named',
    async (to) => {
      const stage = await stageWith('v0')
      await stage.conductor({ actor: { ...ACTOR, run: 'first' } }).deploy({ version: 'v1' })
      await stage.conductor({ actor: { ...ACTOR, run: 'first' } }).shift(step(100))
      await stage.conductor({ actor: busy }).deploy({ version: 'v2' })
      const { state } = await stage.conductor({ actor: busy }).shift(step(25))
      const refused = await stage.conductor({ actor: night }).rollback({ jobStatus: 'success', to })
      expect(refused.result).toBe('failed')
      expect(refused.problem?.message).toContain(
        `is busy, and ${to} does not serve everybody: rollout of v2 by run busy`,
      )
      expect(refused.problem?.hint).toContain(`state: ${String(state)}`)
      const handed = { actor: night, ...(state !== undefined && { state }) }
      expect((await stage.conductor(handed).rollback({ jobStatus: 'success', to: 'v1' })).result).toBe(
        'rolled-back',
      )
      expect(stage.serving()).toEqual({ v1: 100 })
    },
  )

  it('walks the plan where the config says so, and does not claim that it serves', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 100)
    const policy = { ...POLICY, returnAs: 'rollout' as const }
    const back = await stage.conductor({ actor: night, policy }).rollback({ jobStatus: 'success', to: 'v1' })
    expect(back.result).toBe('succeeded')
    expect(back.sentence).toContain('v1 is ready in blue, at 0 %')
    expect(stage.serving()).toEqual({ v2: 100 })
  })
})

describe('a deploy that comes to nothing', () => {
  it('does not show the rollout of another release as its own', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    await stage.conductor().rollback({ jobStatus: 'failure' })
    const policy = { ...POLICY, dryRun: true }
    const planned = await stage.conductor({ policy }).deploy({ version: 'v3' })
    expect([planned.candidateVersion, planned.state]).toEqual([undefined, undefined])
  })
})

describe('a dry run of rollback', () => {
  const dryRun = { ...POLICY, dryRun: true }

  it('says what it would do, and changes nothing', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const planned = await stage.conductor({ policy: dryRun }).rollback({ jobStatus: 'failure' })
    expect(planned).toMatchObject({
      sentence: 'dry run: would take back v2; all requests would go to v1',
      position: 'blue (v1) 75 %, green (v2) 25 %',
    })
    expect(stage.serving()).toEqual({ v1: 75, v2: 25 })
  })

  it('does not take for live what the ledger says where nothing answers, and says what comes first', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    for (const there of stage.world.places.values()) there.wanted = 0
    const planned = await stage.conductor({ policy: dryRun }).rollback({ jobStatus: 'failure' })
    expect(planned).toMatchObject({
      sentence:
        'dry run: would first bring v1 back to 2 ready replicas in blue (0 now), then take back v2; all requests would go to v1',
      position: 'nothing answers now; it was left at blue (v1) 75 %, green (v2) 25 %',
    })
  })
})
