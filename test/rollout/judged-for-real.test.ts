import { describe, expect, it } from '@jest/globals'
import { judge, judgeBlocks } from '../../src/analysis/judge.js'
import type { AnalysisReport } from '../../src/rollout/outcome.js'
import { MemoryMetrics, MemoryMetricsWithPast } from '../memory/memory-metrics.js'
import type { Stage } from '../memory/memory-scene.js'
import { at, ledgerOf, stageWith, step } from '../memory/played-steps.js'

/** As another machine has it: a file. */
function read(report: AnalysisReport | undefined): AnalysisReport {
  if (report === undefined) throw new Error('nothing was judged')
  return JSON.parse(JSON.stringify(report)) as AnalysisReport
}

const replayed = ({ parameters, blocks }: AnalysisReport) => judgeBlocks(parameters, blocks)

async function stableForAnHour(): Promise<Stage> {
  const stage = await stageWith('v1')
  stage.clock.advance(3_600_000)
  return stage
}

describe('the judge that is shipped, in a rollout', () => {
  it('passes what is healthy through all steps, and each report gives its judgement again', async () => {
    const stage = await stableForAnHour()
    const change = { judge, metrics: new MemoryMetricsWithPast(stage.world) }
    await stage.conductor(change).deploy({ version: 'v2' })
    for (const weight of [5, 25, 100]) {
      const outcome = await stage.conductor(change).shift(step(weight, 60_000))
      expect(outcome).toMatchObject({ result: 'succeeded', report: { judgement: { verdict: 'pass' } } })
      const report = read(outcome.report)
      expect(replayed(report)).toEqual(report.judgement)
    }
    expect(stage.serving()).toEqual({ v2: 100 })
  })

  it('takes a bad one back within seconds, and the report shows the same to everybody', async () => {
    const stage = await stableForAnHour()
    stage.world.behave('v2', { errorShare: 0.03 })
    const outcome = await at(stage, 'v2', 25, { judge, metrics: new MemoryMetricsWithPast(stage.world) })
    expect(outcome).toMatchObject({ result: 'failed', weight: 0, report: { judgement: { verdict: 'fail' } } })
    const report = read(outcome.report)
    expect(replayed(report)).toEqual(report.judgement)
    expect(stage.narrator.lines).toContainEqual(
      expect.stringMatching(/^The last look: 2s at 25 %: .*: errors ×[\d,.+]+ of \d+ needed, latency-p95 ×/),
    )
  })

  it('knows by stable’s past what to expect: it needs fewer looks than without', async () => {
    const looksWith = async (past: boolean): Promise<number> => {
      const stage = await stableForAnHour()
      stage.world.behave('v2', { errorShare: 0.01 })
      await stage.conductor().deploy({ version: 'v2' })
      const metrics = past ? new MemoryMetricsWithPast(stage.world) : new MemoryMetrics(stage.world)
      const { report } = await stage.conductor({ judge, metrics }).shift(step(25, 300_000))
      expect(report?.judgement.verdict).toBe('fail')
      return report?.blocks.filter(({ weight }) => weight === 25).length ?? 0
    }
    const [withPast, without] = [await looksWith(true), await looksWith(false)]
    expect(withPast).toBeLessThan(without)
  })

  it('goes on from what the ledger kept of a long hold, and that too gives its judgement again', async () => {
    const stage = await stableForAnHour()
    const change = { judge, metrics: new MemoryMetricsWithPast(stage.world) }
    await stage.conductor(change).deploy({ version: 'v2' })
    const first = await stage.conductor(change).shift(step(5, 1_800_000))
    const kept = ledgerOf(stage).rollout?.blocks ?? []
    expect(kept.length).toBeLessThan(first.report?.blocks.length ?? 0)
    stage.world.behave('v2', { errorShare: 0.03 })
    const outcome = await stage.conductor(change).shift(step(25, 60_000))
    expect(outcome.report?.judgement.verdict).toBe('fail')
    const report = read(outcome.report)
    expect(report.blocks.slice(0, kept.length)).toEqual(kept)
    expect(replayed(report)).toEqual(report.judgement)
  })

  it('at 100 % at once is held against stable’s past, and says so', async () => {
    const stage = await stableForAnHour()
    stage.world.behave('v2', { errorShare: 0.03 })
    const outcome = await at(stage, 'v2', 100, { judge, metrics: new MemoryMetricsWithPast(stage.world) })
    expect(outcome.report?.judgement.verdict).toBe('fail')
    const errors = outcome.report?.judgement.metrics.find(({ name }) => name === 'errors')
    expect(errors?.notes?.join()).toContain('held against what was recorded of it')
    expect(stage.serving()).toEqual({ v1: 100 })
  })
})
