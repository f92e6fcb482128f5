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
    expect(outcome.problem?.message).toContain('was not ready in green within 300 s (0 of 2 replicas')
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
