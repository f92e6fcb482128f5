import { describe, expect, it } from '@jest/globals'
import type { LedgerStore } from '../../../src/rollout/ports/ledger-store.js'
import type { MetricSource, PastSample } from '../../../src/rollout/ports/metric-source.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import type { Scene } from '../../../src/rollout/scene.js'
import { MemoryMetrics, MemoryMetricsWithPast } from '../../memory/memory-metrics.js'
import { POLICY, type Stage } from '../../memory/memory-scene.js'
import { at, ledgerOf, stageWith, step } from '../../memory/played-steps.js'
import { plainJudge } from '../../memory/plain-judge.js'

const MINUTE = 60_000

/** A stage on which v1 has been stable for so long. */
async function stableFor(ms: number): Promise<Stage> {
  const stage = await stageWith('v1')
  stage.clock.advance(ms)
  return stage
}

/** The metrics of a stage, with another way to tell of the past. */
function remembering(stage: Stage, history: NonNullable<MetricSource['history']>): MetricSource {
  const metrics = new MemoryMetrics(stage.world)
  return { name: 'archive', lagMs: 0, counts: (...asked) => metrics.counts(...asked), history }
}

const withHistory = (historyMs: number): Partial<Scene> => ({
  policy: {
    ...POLICY,
    analysis: POLICY.analysis === undefined ? undefined : { ...POLICY.analysis, historyMs },
  },
})

describe('before the first hold of a rollout', () => {
  it('stable is looked at for the ten minutes before, in blocks of ten seconds that have no candidate', async () => {
    const stage = await stableFor(60 * MINUTE)
    const metrics = new MemoryMetricsWithPast(stage.world)
    const { report } = await at(stage, 'v2', 25, { metrics })
    const past = report?.blocks.filter(({ weight }) => weight === 0) ?? []
    expect(past).toHaveLength(60)
    expect(report?.blocks.slice(0, 60)).toEqual(past)
    const asked = { kind: 'share', requests: 4_000, bad: 4 }
    for (const [index, { fromMs, toMs, metrics: told }] of past.entries()) {
      expect(toMs - fromMs).toBe(10_000)
      expect(fromMs).toBe(past[index - 1]?.toMs ?? fromMs)
      expect(told['errors']).toEqual({ stable: asked })
      expect(told['latency-p95']?.candidate).toBeUndefined()
    }
    expect(past.at(-1)?.toMs).toBeLessThanOrEqual(report?.blocks[60]?.fromMs ?? 0)
  })

  it('no more than asked for is looked at, and nothing where that is nothing', async () => {
    const stage = await stableFor(60 * MINUTE)
    const metrics = new MemoryMetricsWithPast(stage.world)
    await at(stage, 'v2', 5, { metrics, ...withHistory(2 * MINUTE) })
    expect(metrics.asked.map(({ fromMs, toMs }) => toMs - fromMs)).toEqual([2 * MINUTE, 2 * MINUTE])
    const other = await stableFor(60 * MINUTE)
    const unasked = new MemoryMetricsWithPast(other.world)
    const { report } = await at(other, 'v2', 5, { metrics: unasked, ...withHistory(0) })
    expect(unasked.asked).toEqual([])
    expect(report?.blocks.every(({ weight }) => weight === 5)).toBe(true)
  })

  it('nothing is looked at from before the release was stable: its place had another one then', async () => {
    const stage = await stableFor(95_000)
    const metrics = new MemoryMetricsWithPast(stage.world)
    const { report } = await at(stage, 'v2', 25, { metrics })
    const since = Date.parse(ledgerOf(stage).stable?.since ?? '')
    const past = report?.blocks.filter(({ weight }) => weight === 0) ?? []
    expect(past.length).toBeGreaterThan(5)
    expect(Math.min(...past.map(({ fromMs }) => fromMs))).toBeGreaterThanOrEqual(since)
  })

  it('blocks are whole steps of the source, and windows in which nobody came are left out', async () => {
    const stage = await stableFor(60 * MINUTE)
    const asked: number[] = []
    const metrics: MetricSource = {
      ...remembering(stage, async (_metric, _of, { fromMs, toMs }, blockMs): Promise<PastSample[]> => {
        asked.push(blockMs)
        return [
          { fromMs, toMs: fromMs + 15_000, sample: { kind: 'share', requests: 0, bad: 0 } },
          { fromMs: toMs - 15_000, toMs, sample: { kind: 'share', requests: 10, bad: 0 } },
        ]
      }),
      stepMs: 15_000,
    }
    const { report } = await at(stage, 'v2', 25, { metrics })
    expect(asked).toEqual([15_000, 15_000])
    expect(report?.blocks.filter(({ weight }) => weight === 0)).toHaveLength(1)
  })

  it('a source that cannot tell is named once, and the weight is held all the same', async () => {
    const stage = await stableFor(60 * MINUTE)
    const metrics = remembering(stage, async () => {
      throw new TransientError('503 from the archive')
    })
    const outcome = await at(stage, 'v2', 25, { metrics })
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
    expect(stage.narrator.lines.filter((line) => line.includes('503 from the archive'))).toEqual([
      'What stable did before the rollout is not known: errors, latency-p95: 503 from the archive',
    ])
  })

  it('a source that hangs over it is waited for ten seconds, and hides no candidate that dies meanwhile', async () => {
    const stage = await stableFor(60 * MINUTE)
    const metrics = remembering(stage, () => new Promise(() => undefined))
    const outcome = await at(stage, 'v2', 5, { metrics })
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
    expect(stage.narrator.lines).toContainEqual(expect.stringContaining('archive did not answer within 10s'))

    const other = await stableFor(60 * MINUTE)
    other.world.behave('v2', { diesAfterMs: 4_000 })
    await other.conductor().deploy({ version: 'v2' })
    const patient = { ...POLICY, timing: { ...POLICY.timing, unreadyMs: 1_000 } }
    const began = other.clock.monotonicMs()
    const hanging = remembering(other, () => new Promise(() => undefined))
    const sick = await other.conductor({ metrics: hanging, policy: patient }).shift(step(25))
    expect(sick.problem?.message).toContain('only 0 of 2 replicas')
    expect(other.clock.monotonicMs() - began).toBeLessThan(9_000)
  })
})

describe('a source that takes long to tell the past', () => {
  const slowly = (stage: Stage, ms: number): MetricSource => {
    const past = new MemoryMetricsWithPast(stage.world)
    return {
      ...remembering(stage, async (...asked) => {
        await stage.clock.sleep(ms)
        return past.history(...asked)
      }),
      historyAnswerMs: (windows) => windows * 2_000,
    }
  }

  it('is waited for as long as it may take for so many windows, and the lease is kept meanwhile', async () => {
    const stage = await stableFor(60 * MINUTE)
    await stage.conductor().deploy({ version: 'v2' })
    const began = stage.clock.monotonicMs()
    const renewedMs: number[] = []
    const { ledgers } = stage
    const noting: LedgerStore = {
      address: ledgers.address,
      read: () => ledgers.read(),
      write: (text, ifMatch) => {
        renewedMs.push(stage.clock.monotonicMs() - began)
        return ledgers.write(text, ifMatch)
      },
    }
    const change = { metrics: slowly(stage, 100_000), ledgers: noting }
    const outcome = await stage.conductor(change).shift(step(25))
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
    expect(outcome.report?.blocks.filter(({ weight }) => weight === 0)).toHaveLength(60)
    const meanwhile = renewedMs.filter((ms) => ms > 20_000 && ms < 100_000)
    expect(meanwhile.length).toBeGreaterThanOrEqual(2)
  })

  it('is given up after that, and said so', async () => {
    const stage = await stableFor(60 * MINUTE)
    const outcome = await at(stage, 'v2', 25, { metrics: slowly(stage, 1_000_000) })
    expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
    expect(stage.narrator.lines).toContain(
      'What stable did before the rollout is not known: errors, latency-p95: archive did not answer within 2m1s',
    )
  })

  it('holds up no cancelled job', async () => {
    const stage = await stableFor(60 * MINUTE)
    await stage.conductor().deploy({ version: 'v2' })
    const cancelled = new AbortController()
    const began = stage.clock.monotonicMs()
    void stage.clock.sleep(20_000).then(() => cancelled.abort())
    const change = { metrics: slowly(stage, 100_000), signal: cancelled.signal }
    const outcome = await stage.conductor(change).shift(step(25))
    expect(outcome.problem?.message).toBe('the job was cancelled')
    expect(stage.clock.monotonicMs() - began).toBeLessThan(22_000)
  })
})

describe('what stable did before', () => {
  it('is kept with the rollout and not asked for again', async () => {
    const stage = await stableFor(60 * MINUTE)
    const metrics = new MemoryMetricsWithPast(stage.world)
    await at(stage, 'v2', 5, { metrics })
    const asked = metrics.asked.length
    const { report } = await stage.conductor({ metrics }).shift(step(25))
    expect(metrics.asked).toHaveLength(asked)
    expect(report?.blocks.filter(({ weight }) => weight === 0)).toHaveLength(60)
  })

  it('is no part of the figures that are shown for the hold', async () => {
    const stage = await stableFor(60 * MINUTE)
    await at(stage, 'v2', 50, { metrics: new MemoryMetricsWithPast(stage.world) })
    const held = ledgerOf(stage).rollout?.timeline.at(-1)
    expect(held?.what).toBe('held at 50 %')
    expect(held?.stable?.requests).toBe(held?.candidate?.requests)
  })

  it('is in the report: the same parameters and blocks give the same judgement again', async () => {
    const stage = await stableFor(60 * MINUTE)
    const { report } = await at(stage, 'v2', 25, { metrics: new MemoryMetricsWithPast(stage.world) })
    if (report === undefined) throw new Error('nothing was judged')
    const bake = plainJudge(report.parameters)
    for (const block of report.blocks) bake.add(block)
    expect(bake.judgement(report.parameters.holdOver)).toEqual(report.judgement)
  })
})
