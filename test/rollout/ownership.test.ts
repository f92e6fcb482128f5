import { describe, expect, it } from '@jest/globals'
import type { Weight } from '../../src/rollout/weight.js'
import { ACTOR, POLICY } from '../memory/memory-scene.js'
import { at, ledgerOf, OTHER, stageWith, step } from '../memory/played-steps.js'

describe('two runs that want the same service', () => {
  it('the second is refused naming the first, and its own rollback does not touch the first', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const second = await stage.conductor({ actor: OTHER }).deploy({ version: 'v3' })
    expect(second.problem?.message).toContain('rollout of v2 by run 100')
    expect((await stage.conductor({ actor: OTHER }).rollback({ jobStatus: 'failure' })).result).toBe(
      'unchanged',
    )
    expect((await stage.conductor({ actor: OTHER }).finishJob('failure')).result).toBe('unchanged')
    expect(stage.serving()).toEqual({ v1: 75, v2: 25 })
    expect((await stage.conductor().shift(step(50))).result).toBe('succeeded')
  })

  it('a superseding one takes the parked rollout back first', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    await stage.conductor().finishJob('success')
    const policy = { ...POLICY, ifBusy: 'supersede' as const }
    expect((await stage.conductor({ actor: OTHER, policy }).deploy({ version: 'v3' })).result).toBe(
      'succeeded',
    )
    expect(stage.world.places.get('green')?.version).toBe('v3')
    const displaced = await stage.conductor().shift(step(50))
    expect(displaced.problem?.message).toContain('superseded by run 200')
    expect(stage.world.lost).toEqual([])
  })

  it('a superseding one takes even a fresh lease, and the step at work notices and changes nothing more', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    const shifting = stage.conductor().shift({ weight: 25 as Weight, holdMs: 600_000, analyze: true })
    await stage.clock.sleep(60_000)
    const policy = { ...POLICY, ifBusy: 'supersede' as const }
    expect((await stage.conductor({ actor: OTHER, policy }).deploy({ version: 'v3' })).result).toBe(
      'succeeded',
    )
    const displaced = await shifting
    expect(displaced.problem?.message).toContain('another step took over: step of run 200')
    expect(stage.serving()).toEqual({ v1: 100 })
    expect(ledgerOf(stage).rollout).toMatchObject({ owner: { run: '200' }, phase: 'shifting', weight: 0 })
    expect(stage.world.lost).toEqual([])
  })

  it('a job of the same run that ends well leaves the step of another job at its work', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    const shifting = stage.conductor().shift({ weight: 25 as Weight, holdMs: 60_000, analyze: true })
    await stage.clock.sleep(30_000)
    const beside = stage.conductor({ actor: { ...ACTOR, job: 'end-to-end-tests' } })
    expect(await beside.finishJob('success')).toMatchObject({
      result: 'unchanged',
      sentence: 'another job of this run is at work on it: step',
    })
    expect((await shifting).result).toBe('succeeded')
    expect((await beside.finishJob('success')).result).toBe('held')
  })

  it('a waiting one goes on when the first has ended', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const policy = { ...POLICY, ifBusy: 'wait' as const }
    const waiting = stage.conductor({ actor: OTHER, policy }).deploy({ version: 'v3' })
    await stage.clock.sleep(12_000)
    await stage.conductor().rollback({ jobStatus: 'failure' })
    expect((await waiting).result).toBe('succeeded')
  })

  it('another repository is refused, even at rest, without adopt', async () => {
    const stage = await stageWith('v1')
    const actor = { ...OTHER, repository: 'acme/other' }
    expect((await stage.conductor({ actor }).deploy({ version: 'v2' })).problem?.message).toContain(
      'belongs to the repository acme/shop',
    )
    const policy = { ...POLICY, adopt: true }
    expect((await stage.conductor({ actor, policy }).deploy({ version: 'v2' })).result).toBe('succeeded')
    expect(ledgerOf(stage).repository).toBe('acme/other')
  })

  it.each([{ service: 'shop-eu' }, { environment: 'staging' }])(
    'another service that keeps its state at the same address is refused, without adopt: %j',
    async (other) => {
      const stage = await stageWith('v1')
      const before = stage.ledgers.text
      await expect(stage.conductor(other).deploy({ version: 'w1' })).rejects.toThrow(
        'is that of shop in production, not of',
      )
      await expect(stage.conductor(other).rollback({ jobStatus: 'failure' })).rejects.toThrow('shop')
      expect([stage.ledgers.text, stage.serving()]).toEqual([before, { v1: 100 }])
      const renamed = stage.conductor({ ...other, policy: { ...POLICY, adopt: true } })
      expect((await renamed.deploy({ version: 'v2' })).result).toBe('succeeded')
      expect(ledgerOf(stage)).toMatchObject(other)
    },
  )
})

describe('a rollout that is left alone', () => {
  it('is taken back by the sweep when its parking time is over, and not before', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    await stage.conductor().finishJob('success')
    stage.clock.advance(POLICY.timing.parkMs - 1_000)
    expect((await stage.conductor({ actor: OTHER }).sweep()).result).toBe('unchanged')
    stage.clock.advance(2_000)
    expect((await stage.conductor({ actor: OTHER }).sweep()).result).toBe('rolled-back')
    expect(stage.serving()).toEqual({ v1: 100 })
  })

  it('is taken back first by the next deploy when its rest is over', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    stage.clock.advance(POLICY.timing.restMs + 1)
    expect((await stage.conductor({ actor: OTHER }).deploy({ version: 'v3' })).result).toBe('succeeded')
    expect(ledgerOf(stage).closed[0]).toMatchObject({ version: 'v2', outcome: 'taken-back' })
  })

  it('is not disturbed by another run that finds its own release stable', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const before = ledgerOf(stage).rollout
    expect((await stage.conductor({ actor: OTHER }).deploy({ version: 'v1' })).result).toBe('unchanged')
    expect(ledgerOf(stage).rollout).toEqual(before)
  })

  it('rests, not parks, once a later job works on it', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    await stage.conductor().finishJob('success')
    expect(ledgerOf(stage).rollout?.rest?.kind).toBe('parked')
    await stage.conductor({ actor: { ...ACTOR, job: 'everyone' } }).shift(step(50))
    expect(ledgerOf(stage).rollout?.rest?.kind).toBe('rest')
  })

  it('a state that no rollout has is refused, and one that is over is not taken for the one that is open', async () => {
    const stage = await stageWith('v1')
    const { state: over } = await at(stage, 'v2', 5)
    await stage.conductor().rollback({ jobStatus: 'failure' })
    await stage.conductor({ actor: { ...ACTOR, attempt: 2 } }).deploy({ version: 'v2' })
    const actor = { ...ACTOR, attempt: 2 }
    const unknown = await stage.conductor({ actor, state: 'notastate' }).shift(step(25))
    expect(unknown.problem?.message).toContain('state: "notastate" names no rollout of')
    const closed = await stage
      .conductor({ actor, ...(over !== undefined && { state: over }) })
      .shift(step(25))
    expect(closed.problem?.message).toContain('the rollout of v2 is closed: taken back')
    expect(stage.serving()).toEqual({ v1: 100 })
    expect((await stage.conductor({ actor }).shift(step(25))).result).toBe('succeeded')
  })

  it('goes on in another job that was handed its state, and in another attempt of the run', async () => {
    const stage = await stageWith('v1')
    const { state } = await at(stage, 'v2', 25)
    await stage.conductor().finishJob('success')
    expect(state).toMatch(/^[A-Za-z0-9._~-]+$/)
    const handed = await stage.conductor({ actor: { ...OTHER, job: 'next' }, state }).shift(step(50))
    expect(handed.result).toBe('succeeded')
    expect((await stage.conductor({ actor: { ...ACTOR, attempt: 2 } }).shift(step(100))).result).toBe(
      'succeeded',
    )
  })

  it('is begun anew by a re-run of all jobs', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const again = { ...ACTOR, attempt: 2 }
    const outcome = await stage.conductor({ actor: again }).deploy({ version: 'v2' })
    expect(outcome).toMatchObject({ result: 'succeeded', weight: 0 })
    expect(stage.serving()).toEqual({ v1: 100 })
  })
})

describe('what somebody else changed', () => {
  it('is named and not overwritten by a step that goes forward, and overwritten by going back', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    stage.world.split = { blue: 40, green: 60 } as typeof stage.world.split
    stage.world.changedBy = 'helm'
    const outcome = await stage.conductor().shift(step(50))
    expect(outcome.problem?.message).toContain('helm changed the traffic: it is blue 40 %, green 60 %')
    expect(stage.world.split).toEqual({ blue: 40, green: 60 })
    await stage.conductor().rollback({ jobStatus: 'failure' })
    expect(stage.serving()).toEqual({ v1: 100 })
  })

  it('a lost ledger is named by every step, with where traffic stands as the live system says', async () => {
    const stage = await stageWith('v1')
    stage.ledgers.text = undefined
    const outcomes = [
      await stage.conductor().rollback({ jobStatus: 'failure' }),
      await stage.conductor().shift(step(5)),
      await stage.conductor().deploy({ version: 'v2' }),
    ]
    for (const { position } of outcomes) expect(position).toBe('blue 100 %; there is no ledger')
    const warnings = stage.narrator.lines.filter((line) => line.includes('has no ledger at'))
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toContain('yet it serves (blue 100 %)')
  })

  it('a release that was adopted can be gone back to while it runs', async () => {
    const stage = await stageWith('v1')
    stage.ledgers.text = undefined
    const policy = { ...POLICY, adopt: true, keepStableWarm: 3_600_000 }
    await stage.conductor({ policy }).deploy({ version: 'v2' })
    await stage.conductor({ policy }).shift(step(100))
    const actor = { ...OTHER, run: 'later' }
    const back = await stage.conductor({ actor, policy }).rollback({ jobStatus: 'success', to: 'v1' })
    expect(back).toMatchObject({ result: 'rolled-back', restoredVersion: 'v1' })
    expect(stage.serving()).toEqual({ v1: 100 })
  })

  it('a release that was adopted and is gone cannot be gone back to: nothing says how to start it', async () => {
    const stage = await stageWith('v1')
    stage.ledgers.text = undefined
    const policy = { ...POLICY, adopt: true }
    await stage.conductor({ policy }).deploy({ version: 'v2' })
    await stage.conductor({ policy }).shift(step(100))
    stage.world.places.delete('blue')
    const actor = { ...OTHER, run: 'later' }
    const cold = await stage.conductor({ actor, policy }).rollback({ jobStatus: 'success', to: 'v1' })
    expect(cold.problem?.message).toBe('v1 was adopted as it was found and does not run any more')
    expect(stage.serving()).toEqual({ v2: 100 })
  })

  it('a lost ledger is not guessed: the live system is printed, and adopt writes it anew', async () => {
    const stage = await stageWith('v1')
    stage.ledgers.text = undefined
    const refused = await stage.conductor().deploy({ version: 'v2' })
    expect(refused.problem?.message).toContain('serves v1 in blue, but its ledger is missing')
    const adopted = await stage.conductor({ policy: { ...POLICY, adopt: true } }).deploy({ version: 'v2' })
    expect(adopted).toMatchObject({ result: 'succeeded', stableVersion: 'v1' })
    stage.ledgers.text = '{"format"'
    expect(
      (
        await stage
          .conductor()
          .deploy({ version: 'v3' })
          .catch((thrown: Error) => ({ problem: thrown }))
      ).problem?.message,
    ).toContain('cannot be read')
  })
})
