import { describe, expect, it } from '@jest/globals'
import type { OpenRollout } from '../../src/rollout/ledger/ledger.js'
import type { AnalysisReport, Outcome } from '../../src/rollout/outcome.js'
import type { MetricJudgement } from '../../src/rollout/ports/judge.js'
import { UserError } from '../../src/rollout/user-error.js'
import type { RolloutReport } from '../../src/workflow/rollout-report.js'
import { SUMMARY_LIMIT_BYTES, summaryOf as redactedSummaryOf } from '../../src/workflow/summary.js'
import { AT_25, ROLLED_BACK, SERVES_ALL, TIMELINE, UNDERWAY } from './sample-outcome.js'

const report = (outcome: RolloutReport['outcome'], more: Partial<RolloutReport> = {}): RolloutReport => ({
  step: 'canary-step',
  service: 'shop',
  environment: 'production',
  outcome,
  dryRun: false,
  ...more,
})

const summaryOf = (given: RolloutReport): string =>
  redactedSummaryOf(given, (text) => text.replaceAll('hunter_22*', '***'))

/** As GitHub shows it: entities are letters. */
const shown = (markdown: string): string =>
  markdown.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))

const chartsIn = (text: string): string[] =>
  [...text.matchAll(/```mermaid\nxychart-beta\n([\s\S]*?)```/g)].map(([, body]) => body ?? '')
const linesIn = (chart = ''): number[][] =>
  [...chart.matchAll(/line \[(.*)\]/g)].map(([, points]) => (points ?? '').split(', ').map(Number))

const ERRORS: MetricJudgement = {
  name: 'errors',
  verdict: 'inconclusive',
  reason: 'no harm so far',
  stable: { requests: 100, value: 0.01 },
  candidate: { requests: 100, value: 0.02 },
  unit: 'share',
}
const of = (value: number) => ({ requests: 100, value })

/** A report on other metrics. */
function reportOn(metrics: readonly MetricJudgement[]): AnalysisReport {
  const { report: given } = ROLLED_BACK
  if (given === undefined) throw new Error('the sample has no report')
  return { ...given, judgement: { ...given.judgement, metrics } }
}
const judged = (metrics: readonly MetricJudgement[]): Outcome => ({
  ...ROLLED_BACK,
  report: reportOn(metrics),
})

describe('the job summary', () => {
  it('begins with what happened, where traffic stands and how to go back', () => {
    expect(
      shown(summaryOf(report(AT_25)))
        .split('\n\n')
        .slice(0, 4),
    ).toEqual([
      '### ✅ shop v2 in production: succeeded (canary-step)',
      'v2 gets 25 % of all requests',
      '**Traffic:** blue (v1) 75 %, green (v2) 25 % (weight of the candidate 25 % of all requests, observed share 24.83 %)',
      '**Going back:** cancel this run, or run the action `rollback` with `state: r0llout1d`. It also goes back by itself if a later step of its job fails.',
    ])
  })

  it('says why it failed and what to do', () => {
    const problem = new UserError('the candidate is worse', { hint: 'Look at its log.' })
    const text = shown(summaryOf(report({ ...ROLLED_BACK, result: 'failed', problem })))
    expect(text).toContain('### ❌ shop v2 in production: failed')
    expect(text).toContain('**Why:** the candidate is worse\n\n**What to do:** Look at its log.')
  })

  it('calls one thing by one name: the release that served before is stable everywhere', () => {
    expect(summaryOf(report(ROLLED_BACK))).not.toMatch(/baseline/i)
  })

  it('says ⚠️ of a pass of which little is known, and of a step that went on without a verdict', () => {
    const { report: given } = ROLLED_BACK
    if (given === undefined) throw new Error('the sample has no report')
    const metrics = [
      { ...ERRORS, verdict: 'pass', littleKnown: true, stillAllowed: '54 points more than stable' },
    ] as const
    const weak = { ...given, judgement: { ...given.judgement, verdict: 'pass', metrics } } as const
    const text = shown(summaryOf(report({ ...AT_25, verdict: 'pass', report: weak })))
    expect(text).toContain('### ⚠️ shop v2 in production: succeeded, little is known (canary-step)')
    expect(text).toContain('- ⚠️ pass, little known, **errors**')
    const went = shown(summaryOf(report({ ...AT_25, verdict: 'inconclusive' })))
    expect(went).toContain('### ⚠️ shop v2 in production: succeeded, went on, not judged (canary-step)')
    const known = [{ ...ERRORS, verdict: 'pass', stillAllowed: '0.1 points more than stable' }] as const
    const strong = { ...weak, judgement: { ...weak.judgement, metrics: known } }
    expect(summaryOf(report({ ...AT_25, verdict: 'pass', report: strong }))).toContain('### ✅')
  })

  it('after a failure does not say that it is going back where it has gone back, and names a button', () => {
    const setback = { reason: 'errors', at: '2026-01-06T11:06:00.000Z' }
    const failed: OpenRollout = { ...UNDERWAY, phase: 'failed', setback }
    const back = shown(summaryOf(report({ ...AT_25, result: 'failed', weight: 0, rollout: failed })))
    expect(back).toContain('**Going back:** done: v1 has all requests. The rest of the job only tidies up.')
    expect(back).toContain('press “Re-run jobs” on this run')
    const under = shown(summaryOf(report({ ...AT_25, result: 'failed', rollout: failed })))
    expect(under).toContain('**Going back:** under way')
  })

  it('has a timeline with units for every number', () => {
    const text = shown(summaryOf(report(ROLLED_BACK)))
    expect(text).toContain(
      '| time (UTC) | what | weight | requests | errors | p95 | verdict |\n| --- | --- | --- | --- | --- | --- | --- |',
    )
    expect(text).toContain(
      '| 11:06:00 | held | 5 % | 2,170 (41,230) | 5.0 % (0.10 %) | 58 ms (18 ms) | ❌ fail: errors 5.0 % against 0.10 % |',
    )
    expect(text).toContain('| 11:01:00 | weight set | 5 % |  |  |  |  |')
  })

  it('has a table of the metrics that were judged', () => {
    const text = shown(summaryOf(report(ROLLED_BACK)))
    expect(text).toContain(
      '| metric | candidate | stable | counted | difference | evidence | verdict |\n| --- |',
    )
    expect(text).toContain(
      '| errors | 5.0 % | 0.10 % | 2,170 (41,230) | +4.88 points (+3.8 points to +6.12 points) | ×412 of 40 needed | ❌ fail |',
    )
    expect(text).toContain('| latency-p95 | – | 18 ms | 12 (41,230) | – | – | ❔ inconclusive |')
  })

  it('explains each metric in a sentence, with what the data cannot rule out', () => {
    const text = shown(summaryOf(report(ROLLED_BACK)))
    expect(text).toContain(
      [
        '- ❌ fail, **errors**: 108 of 2,170 against 41 of 41,230',
        '  - The worst regression these data still allow: 62 times stable or 6.1 points more.',
        '  - stable varies 1.4 times as much as independent requests would',
        '- ❔ inconclusive, **latency-p95**: too few requests',
      ].join('\n'),
    )
  })

  it('draws the evidence over time, with what is needed to fail, in the logarithm', () => {
    const [chart] = chartsIn(summaryOf(report(ROLLED_BACK))).filter((body) => body.includes('evidence'))
    expect(chart).toContain('title "errors: evidence (ln E), then what is needed to fail"')
    expect(chart).toContain('x-axis "minutes since the first counts" 0 --> 5')
    expect(chart).toContain('y-axis "ln E" -2 --> 8')
    const [course = [], needed = []] = linesIn(chart)
    expect(course[0]).toBe(0)
    expect(Math.min(...course)).toBe(-1.25)
    expect(course.at(-1)).toBe(6.02)
    expect(new Set(needed)).toEqual(new Set([3.69]))
  })

  it('draws no more than the five metrics that have come furthest, and nothing of a single look', () => {
    const course = [0, 1].map((look) => ({ atMs: look * 60_000, logE: look }))
    const metrics = Array.from({ length: 9 }, (_, i) => ({
      ...ERRORS,
      name: `metric-${i}`,
      evidence: { logE: i, needed: 4, course: i === 8 ? course.slice(1) : course },
    }))
    const drawn = chartsIn(summaryOf(report(judged(metrics)))).flatMap(
      (body) => /title "(metric-\d)/.exec(body)?.[1] ?? [],
    )
    expect(drawn).toEqual(['metric-7', 'metric-6', 'metric-5', 'metric-4', 'metric-3'])
  })

  it('says of a metric that decides nothing that it is only reported', () => {
    const text = shown(summaryOf(report(judged([{ ...ERRORS, verdict: 'fail', dryRun: true }]))))
    expect(text).toContain('| – | ❌ fail (only reported) |')
    expect(text).toContain('- ❌ fail (only reported), **errors**: no harm so far')
  })

  it('writes means and latencies in their own units', () => {
    const metrics = [
      { ...ERRORS, name: 'basket', unit: 'value', stable: of(51.24), candidate: of(48.5) },
      { ...ERRORS, name: 'p95', unit: 'ms', stable: of(18.4), candidate: of(58.2) },
    ] as const
    const difference = { low: -4.5, high: Infinity }
    const text = shown(summaryOf(report(judged(metrics.map((metric) => ({ ...metric, difference }))))))
    expect(text).toContain('| basket | 48.5 | 51.2 | 100 (100) | −2.74 (−4.5 to +∞) |')
    expect(text).toContain('| p95 | 58 ms | 18 ms | 100 (100) | +39.8 ms (−4.5 ms to +∞ ms) |')
  })

  it('draws the weight and the error shares over true time', () => {
    const charts = chartsIn(summaryOf(report(ROLLED_BACK))).filter((body) => body.includes('Weight'))
    expect(charts).toHaveLength(1)
    expect(charts[0]).toContain('x-axis "minutes since the start" 0 --> 6.02')
    const [points = []] = linesIn(charts[0])
    expect(points).toHaveLength(48)
    // Set to 5 % after one of six minutes, back to 0 at the end.
    expect(points.slice(0, 8).every((point) => point === 0)).toBe(true)
    expect(points.slice(8, 47).every((point) => point === 5)).toBe(true)
    expect(points[47]).toBe(0)
  })

  it('draws no weight that never was anything but 0', () => {
    const timeline = [TIMELINE[0], { ...TIMELINE[1], weight: 0 }] as typeof TIMELINE
    expect(summaryOf(report({ ...AT_25, rollout: { ...UNDERWAY, timeline } }))).not.toContain('mermaid')
  })

  it('draws errors once they were counted more than once', () => {
    const again = { ...TIMELINE[2], at: '2026-01-06T11:03:00.000Z' } as (typeof TIMELINE)[number]
    const timeline = [...TIMELINE.slice(0, 2), again, ...TIMELINE.slice(2)]
    const text = summaryOf(report({ ...AT_25, rollout: { ...UNDERWAY, timeline } }))
    expect(text).toContain('title "Errors: candidate, then stable (% of its requests)"')
    expect(text).toContain('y-axis "%" 0 --> 5')
  })

  it('is folded while the rollout goes on, and open when it is over', () => {
    expect(summaryOf(report(AT_25))).toContain('<details><summary>Timeline')
    expect(summaryOf(report(ROLLED_BACK))).toContain('<details open><summary>Timeline')
  })

  it('after promotion says what is still warm, until when, and how to go back', () => {
    const standby = [{ version: 'v1', place: 'blue', until: '2026-01-06T12:00:00.000Z' }] as const
    const text = shown(summaryOf(report({ ...SERVES_ALL, standby, earlier: ['v0', 'v1'] })))
    expect(text).toContain(
      '**Going back:** no rollout is open, and v2 is stable. To return to v1, run the action `rollback` with `to: v1`, or re-run its workflow run. It is still warm: that takes one weight change.',
    )
    expect(text).toContain(
      '**Still running:** v1 in blue, until 2026-01-06T12:00:00Z; after that, going back means starting it again.',
    )
  })

  it('says that an earlier release has to be started, or that there is none', () => {
    const way = (outcome: RolloutReport['outcome']): string =>
      /\*\*Going back:\*\* (.*)/.exec(shown(summaryOf(report(outcome))))?.[1] ?? ''
    expect(way({ ...SERVES_ALL, earlier: ['v1'] })).toMatch(/`to: v1`.*It has to be started first\.$/)
    expect(way({ ...SERVES_ALL, earlier: [] })).toMatch(/No other release was stable before/)
    const { rollout: _rollout, weight: _weight, ...nothing } = SERVES_ALL
    const standby = [{ version: 'v1', place: 'blue' }] as const
    expect(way({ ...nothing, result: 'unchanged', standby, earlier: ['v1'] })).toMatch(
      /v2 is stable\. To return to v1.*one weight change/,
    )
  })

  it('names the rollout of another run that is open, and how to take that back', () => {
    const { rollout: _own, state: _state, weight: _weight, ...none } = AT_25
    const text = shown(summaryOf(report({ ...none, result: 'unchanged', other: UNDERWAY })))
    expect(text).toContain('**Going back:** another rollout is open: rollout of v2 by run 4711 of acme/shop')
    expect(text).toContain('at 25 % since')
    expect(text).toContain('cancel that run, or run the action `rollback` with `state: r0llout1d`.')
    expect(text).not.toContain('nothing to do')
  })

  it('says that a dry run changed nothing', () => {
    expect(summaryOf(report(AT_25, { dryRun: true }))).toContain('**Dry run:** nothing was changed.')
  })

  it('shows further tables as plain text', () => {
    const tables = [{ title: 'Checks', columns: ['check', 'time'], rows: [['GET /cart | <b>', '12 ms']] }]
    expect(shown(summaryOf(report(AT_25, { tables })))).toContain(
      '| check | time |\n| --- | --- |\n| GET /cart | <b> | 12 ms |',
    )
    expect(summaryOf(report(AT_25, { tables }))).not.toContain('<b>')
  })

  const hostile = '</details>\n\n# Owned <img src=x> [x](https://evil.example) `a` | @octocat ```mermaid'

  it('nothing from outside works as Markdown or HTML in it', () => {
    const timeline = [
      ...TIMELINE,
      { ...TIMELINE[2], what: hostile, reason: hostile, at: hostile } as (typeof TIMELINE)[number],
    ]
    const outcome = {
      ...AT_25,
      sentence: hostile,
      position: hostile,
      candidateVersion: hostile,
      rollout: { ...UNDERWAY, timeline },
      problem: new UserError(hostile, { hint: hostile }),
      report: reportOn([
        {
          ...ERRORS,
          name: hostile,
          reason: hostile,
          stillAllowed: hostile,
          notes: [hostile],
          evidence: { logE: 1, needed: 3, course: [0, 1].map((atMs) => ({ atMs, logE: atMs })) },
        },
      ]),
    }
    const text = summaryOf(
      report(outcome, {
        service: hostile,
        environment: hostile,
        tables: [{ title: hostile, columns: [hostile], rows: [[hostile]] }],
      }),
    )
    for (const sign of ['# Owned', '<img', '](', '@octocat', 'https://', '` |'])
      expect(text).not.toContain(sign)
    expect(text.match(/<\/details>/g)).toHaveLength(text.match(/<details/g)?.length ?? 0)
    const rows = text.split('\n').filter((line) => line.startsWith('|'))
    const widths = new Set(rows.map((row) => row.split(/(?<!\\)\|/).length))
    expect(widths).toEqual(new Set([9, 3]))
    expect(text.match(/```/g)).toHaveLength(2 * (text.match(/```mermaid\n/g)?.length ?? 0))
  })

  it('contains no secret, which escaping would hide from whoever looks for it', () => {
    const text = shown(
      summaryOf(report({ ...AT_25, sentence: 'hunter_22*', position: 'at hunter_\u000022*' })),
    )
    expect(text).not.toContain('hunter')
    expect(text).toContain('**Traffic:** at ***')
  })

  it('stays below 1 MiB and says what is missing (trap 36)', () => {
    const rows = Array.from({ length: 10_000 }, () => Array.from({ length: 10 }, () => '<'.repeat(5_000)))
    const tables = Array.from({ length: 5 }, (_, i) => ({ title: `Table ${i}`, columns: ['x'], rows }))
    const text = summaryOf(report(ROLLED_BACK, { tables }))
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(SUMMARY_LIMIT_BYTES)
    expect(text).toContain('More is in the log of the step')
    expect(text).toContain('**Traffic:**')
  })
})
