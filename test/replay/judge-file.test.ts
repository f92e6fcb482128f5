import { describe, expect, it } from '@jest/globals'
import { judgeBlocks } from '../../src/analysis/judge.js'
import type { JudgedFile } from '../../src/replay/file-schema.js'
import { judgeFile } from '../../src/replay/judge-file.js'
import { readJudgedFile } from '../../src/replay/read-file.js'

const share = (requests: number, bad: number) => ({ kind: 'share' as const, requests, bad })

/** A minute of history, then a candidate at 5 % with more and more errors. */
const example = (): JudgedFile => ({
  parameters: {
    rules: [{ name: 'errors', kind: 'share', tolerateRatio: 1.25, tolerateShare: 0.0005 }],
    minSamples: 100,
    holdOver: false,
  },
  blocks: Array.from({ length: 20 }, (_, i) => ({
    fromMs: i * 10_000,
    toMs: (i + 1) * 10_000,
    weight: i < 6 ? 0 : 5,
    metrics: {
      errors:
        i < 6 ? { stable: share(1_000, 1) } : { stable: share(950, 1), candidate: share(50, (i - 6) >> 2) },
    },
  })),
})

/** What `analyze` leaves of the example, as it comes back from a file. */
function report(change: Partial<JudgedFile> = {}): JudgedFile {
  const { parameters, blocks } = example()
  const judgement = judgeBlocks(parameters, blocks)
  return readJudgedFile(JSON.stringify({ parameters, blocks, judgement, ...change }), 'report')
}

describe('judging a file', () => {
  it('is judging its blocks by its parameters, with nothing to compare', () => {
    const { parameters, blocks } = example()
    expect(judgeFile(example())).toEqual(judgeBlocks(parameters, blocks))
    expect(judgeFile(example()).verdict).toBe('fail')
  })

  it('of a report gives the same verdict again', () => {
    expect(judgeFile(report())).toMatchObject({
      verdict: 'fail',
      replay: { recorded: 'fail', same: true, differing: [] },
    })
  })

  it('says that a report holds another verdict, and in which metrics', () => {
    const metrics = [{ name: 'errors', verdict: 'pass' as const }]
    expect(judgeFile(report({ judgement: { verdict: 'pass', metrics } }))).toMatchObject({
      verdict: 'fail',
      replay: { recorded: 'pass', same: false, differing: ['errors'] },
    })
  })

  it('names a metric that the record has and no rule has any more', () => {
    const { judgement } = report()
    const metrics = [...(judgement?.metrics ?? []), { name: 'latency-p95', verdict: 'pass' as const }]
    expect(judgeFile(report({ judgement: { verdict: 'fail', metrics } })).replay?.differing).toEqual([
      'latency-p95',
    ])
  })

  it('refuses rules by which nothing could be judged, as rollout.yml does', () => {
    const { parameters, blocks } = example()
    const read = (rules: unknown) => () =>
      readJudgedFile(JSON.stringify({ parameters: { ...parameters, rules }, blocks }), 'file')
    expect(read([])).toThrow('file: parameters.rules: given []; allowed: at least one rule')
    expect(read([{ name: 'errors', kind: 'share', method: 'threshold' }])).toThrow(
      'file: parameters.rules[0].limit: is missing: method threshold of errors',
    )
    expect(read([{ name: 'errors', kind: 'share', method: 'threshold', limit: 0.05 }])).not.toThrow()
  })

  it('judges anew when a block was changed', () => {
    const { parameters, blocks, judgement } = report()
    const milder = blocks.map((block) => ({
      ...block,
      metrics: {
        errors: { ...block.metrics['errors'], candidate: { kind: 'share' as const, requests: 50, bad: 0 } },
      },
    }))
    expect(judgeFile({ parameters, blocks: milder, ...(judgement && { judgement }) }).replay?.same).toBe(
      false,
    )
  })

  it('lets nothing pass whose last look had no data, as the report says', () => {
    const { parameters, blocks } = example()
    const healthy = blocks.slice(0, 9)
    const over = { ...parameters, holdOver: true, minSamples: 10 }
    expect(judgeFile({ parameters: over, blocks: healthy }).verdict).toBe('pass')
    const judgement = {
      verdict: 'inconclusive' as const,
      metrics: [{ name: 'errors', verdict: 'pass' as const }],
    }
    const silent = { parameters: over, blocks: healthy, judgement, noData: 'the source is down' }
    expect(judgeFile(silent)).toMatchObject({
      verdict: 'inconclusive',
      reason: 'no data (the source is down)',
      replay: { same: true },
    })
  })

  it('still fails what fails by its blocks, data or not', () => {
    expect(judgeFile({ ...example(), noData: 'the source is down' }).verdict).toBe('fail')
  })
})
