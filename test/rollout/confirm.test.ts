import { describe, expect, it } from '@jest/globals'
import type { Testimony, Witness } from '../../src/rollout/ports/witness.js'
import { at, ledgerOf, stageWith, step } from '../memory/played-steps.js'
import { StickyWitness } from '../memory/sticky-witness.js'

/** A witness that is told what it hears, question by question. */
function hearing(answer: (asked: number) => Partial<Testimony>): Witness & { asked: number } {
  return {
    address: 'http://told.invalid/',
    asked: 0,
    async ask() {
      return { version: undefined, cookie: undefined, ...answer(this.asked++) }
    },
  }
}

describe('a share', () => {
  it('is confirmed by answers that exclude half and double, and the log says which', async () => {
    const stage = await stageWith('v1')
    const outcome = await at(stage, 'v2', 25)
    expect(Number(outcome.observedShare)).toBeCloseTo(25, 0)
    expect(stage.narrator.lines).toContainEqual(
      expect.stringMatching(
        /^Confirmed: 2\d\.\d % of \d+ answers; 12\.5 % and 50 % are excluded at 99\.9 %$/,
      ),
    )
  })

  it('that is another in truth is asked for until the deadline, and nothing further is done', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const witness = hearing((asked) => ({ version: asked % 2 === 0 ? 'v2' : 'v1' }))
    const began = stage.clock.monotonicMs()
    const outcome = await stage.conductor({ witness }).shift(step(5))
    expect(outcome.problem?.message).toMatch(
      /not confirmed within 2m: 5 % of the requests at http:\/\/told\.invalid\/ \(last sample: \d+ of \d+ answers from v2\)/,
    )
    expect(stage.clock.monotonicMs() - began).toBeLessThan(125_000)
    expect(outcome).toMatchObject({ result: 'failed', weight: 0 })
    expect(outcome.position).toContain('on its way to blue 95 %, green 5 %, not confirmed')
  })

  it('that comes late is confirmed when it has come: a sample that misses is asked again', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const witness = hearing((asked) => {
      const late = stage.clock.monotonicMs() - began < 20_000
      return { version: !late && asked % 4 === 0 ? 'v2' : 'v1' }
    })
    expect((await stage.conductor({ witness }).shift(step(25, 0))).result).toBe('succeeded')
    expect(stage.clock.monotonicMs() - began).toBeGreaterThan(20_000)
  })

  it('is asked for at no more than the rate that the policy names', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const witness = hearing(() => ({ version: 'v1' }))
    await stage.conductor({ witness }).shift(step(25, 0))
    const seconds = (stage.clock.monotonicMs() - began) / 1000
    expect(witness.asked / seconds).toBeGreaterThan(150)
    expect(witness.asked / seconds).toBeLessThan(205)
  })

  it('is unknown, said once, where the answers name no version', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const witness = hearing(() => ({ problem: 'an answer with status 200 has no version at $.version' }))
    const outcome = await stage.conductor({ witness }).shift(step(25))
    expect(outcome).toMatchObject({ result: 'succeeded', observedShare: 'unknown' })
    const notices = stage.narrator.lines.filter((line) => line.startsWith('notice: The share'))
    expect(notices).toEqual([
      'notice: The share is not confirmed: the answers of http://told.invalid/ name no version (an answer with status 200 has no version at $.version).',
    ])
    expect(witness.asked).toBeLessThan(150)
  })

  it('is not unknown but unconfirmed where no answer comes at all', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const witness = hearing(() => ({ failed: true, problem: 'the connection was refused' }))
    const outcome = await stage.conductor({ witness }).shift(step(25))
    expect(outcome.problem?.message).toMatch(/not confirmed within 2m.*the connection was refused/)
  })

  it('is not given up for a few answers without a version among many', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const witness = hearing((asked) => (asked % 2 === 0 ? {} : { version: asked % 8 === 1 ? 'v2' : 'v1' }))
    const outcome = await stage.conductor({ witness }).shift(step(25, 0))
    expect(Number(outcome.observedShare)).toBeCloseTo(25, -1)
  })
})

describe('before a promotion', () => {
  it('the candidate must be heard: one that only fails under all requests is not made stable', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const witness = hearing(() => ({ failed: true, problem: 'an answer with status 502' }))
    const outcome = await stage.conductor({ witness }).shift(step(100, 0))
    expect(outcome.problem?.message).toMatch(/not confirmed within 2m.*an answer with status 502/)
    expect(ledgerOf(stage).stable?.release.version).toBe('v1')
    expect(stage.world.places.get('blue')?.version).toBe('v1')
  })

  it('300 answers in a row must be from the candidate: one of the old release begins the row anew', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const witness = hearing((asked) => ({ version: asked === 299 ? 'v1' : 'v2' }))
    const outcome = await stage.conductor({ witness }).shift(step(100, 0))
    expect(outcome.observedShare).toBe('100.00')
    // 300 for the promotion, after the 300 with a stranger among them; 1,000 before the old slot is stopped.
    expect(witness.asked).toBeGreaterThanOrEqual(1_600)
    expect(stage.world.places.has('blue')).toBe(false)
  })
})

describe('on the way back', () => {
  it('an ill stable side is not waited for: what matters is that the candidate gets nothing', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const witness = hearing(() => ({ failed: true, problem: 'an answer with status 503' }))
    const began = stage.clock.monotonicMs()
    await stage.conductor({ witness }).rollback({ jobStatus: 'failure' })
    expect(ledgerOf(stage).rollout).toBeUndefined()
    expect(stage.serving()).toEqual({ v1: 100 })
    // The candidate is stopped only when stable is heard: nothing else could take its place.
    expect(stage.world.places.has('green')).toBe(true)
    expect(stage.clock.monotonicMs() - began).toBeLessThan(130_000)
  })

  it('visitors with a cookie of the candidate must come back to stable too (trap 50)', async () => {
    const stage = await stageWith('v1')
    const witness = new StickyWitness(stage.world)
    await stage.conductor({ witness }).deploy({ version: 'v2' })
    await stage.conductor({ witness }).shift(step(25, 0))
    const { visitors } = ledgerOf(stage).rollout ?? {}
    expect(visitors?.length).toBeGreaterThan(0)
    expect(visitors?.length).toBeLessThanOrEqual(3)
    expect(visitors?.every((cookie) => cookie.startsWith('side=green'))).toBe(true)
    const began = stage.clock.monotonicMs()
    witness.honoursUntilMs = began + 15_000
    const back = await stage.conductor({ witness }).rollback({ jobStatus: 'failure' })
    expect(back.result).toBe('rolled-back')
    expect(witness.cameBack.length).toBeGreaterThan(0)
    expect(stage.clock.monotonicMs() - began).toBeGreaterThan(15_000)
  })

  it('visitors that stay with the candidate are told at the deadline, and it is not stopped', async () => {
    const stage = await stageWith('v1')
    const witness = new StickyWitness(stage.world)
    await stage.conductor({ witness }).deploy({ version: 'v2' })
    await stage.conductor({ witness }).shift(step(25, 0))
    const back = await stage.conductor({ witness }).rollback({ jobStatus: 'failure' })
    expect(back.problem?.message).toContain('that v2 gets no more requests at http://sticky.invalid/')
    expect(stage.world.places.get('green')?.version).toBe('v2')
    expect(stage.serving()).toEqual({ v1: 100 })
  })
})
