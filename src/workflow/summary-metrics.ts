import { progressOf } from '../rollout/evidence/look-line.js'
import type { Evidence, Judgement, MetricJudgement } from '../rollout/ports/judge.js'
import { count, differenceText, valueText } from './figures-in-words.js'
import { table, VERDICT_SIGN, type Plain } from './summary-table.js'
import { xychart } from './xychart.js'

/** Metrics whose evidence is drawn: those that have come furthest. */
const CHART_LIMIT = 5

/** Metrics that are explained one by one, and notes of each; the table has all of them. */
const EXPLAINED_LIMIT = 40
const NOTE_LIMIT = 10

const COLUMNS = ['metric', 'candidate', 'stable', 'counted', 'difference', 'evidence', 'verdict']

const LEGEND =
  '_Counted: candidate (stable); requests, of a mean its values, of a single number its measurements. Difference: candidate minus stable; its interval holds for all metrics, weights and looks together, while the worst regression still allowed is said of one metric with 95 % confidence, so that the two may differ. Evidence: how many times better a regression explains the counts than none does; a metric fails when it reaches what is needed._'

/** Each metric of the last judgement: figures, what they mean, and what they cannot rule out. */
export function metricsSection({ metrics }: Judgement, plain: Plain): string {
  const explained = metrics.slice(0, EXPLAINED_LIMIT).map((metric) => explanation(metric, plain))
  return [
    table(COLUMNS, metrics, (metric) => cells(metric, plain)),
    LEGEND,
    explained.join('\n'),
    ...evidenceCharts(metrics, plain),
  ].join('\n\n')
}

function cells(metric: MetricJudgement, plain: Plain): string[] {
  const { name, candidate, stable, unit, evidence } = metric
  return [
    plain(name),
    valueText(candidate.value, unit),
    valueText(stable.value, unit),
    `${count(candidate.requests)} (${count(stable.requests)})`,
    differenceCell(metric),
    evidence === undefined ? '–' : progressOf({ ...metric, evidence }),
    verdictOf(metric),
  ]
}

/** `+4.9 points (+3.8 points to +6.1 points)` */
function differenceCell({ candidate, stable, unit, difference }: MetricJudgement): string {
  const known = candidate.value !== undefined && stable.value !== undefined
  const estimate = known ? differenceText((candidate.value ?? 0) - (stable.value ?? 0), unit) : undefined
  const interval =
    difference && `${differenceText(difference.low, unit)} to ${differenceText(difference.high, unit)}`
  if (interval === undefined) return estimate ?? '–'
  return estimate === undefined ? interval : `${estimate} (${interval})`
}

function verdictOf({ verdict, dryRun, littleKnown }: MetricJudgement): string {
  const sign = littleKnown === true ? '⚠️ pass, little known' : VERDICT_SIGN[verdict]
  return dryRun === true ? `${sign} (only reported)` : sign
}

function explanation(metric: MetricJudgement, plain: Plain): string {
  const { name, reason, stillAllowed, notes } = metric
  const allowed =
    stillAllowed === undefined
      ? []
      : [`  - The worst regression these data still allow: ${plain(stillAllowed, 300)}.`]
  const more = (notes ?? []).slice(0, NOTE_LIMIT).map((note) => `  - ${plain(note, 500)}`)
  return [
    `- ${verdictOf(metric)}, **${plain(name, 80)}**: ${plain(reason, 1_000)}`,
    ...allowed,
    ...more,
  ].join('\n')
}

function evidenceCharts(metrics: readonly MetricJudgement[], plain: Plain): string[] {
  const drawable = metrics.flatMap(({ name, evidence }) =>
    evidence === undefined || !isDrawable(evidence) ? [] : [{ name, evidence }],
  )
  return drawable
    .toSorted((one, other) => nearness(other.evidence) - nearness(one.evidence))
    .slice(0, CHART_LIMIT)
    .map(({ name, evidence }) => evidenceChart(name, evidence, plain))
}

function isDrawable({ course, needed }: Evidence): boolean {
  const finite = course.every(({ atMs, logE }) => Number.isFinite(atMs) && Number.isFinite(logE))
  return finite && Number.isFinite(needed) && (course.at(-1)?.atMs ?? 0) > (course[0]?.atMs ?? 0)
}

function nearness({ logE, needed }: Evidence): number {
  return logE / needed
}

function evidenceChart(name: string, { course, needed }: Evidence, plain: Plain): string {
  const line = course.map(({ atMs, logE }) => ({ ms: atMs, value: logE }))
  const [fromMs, toMs] = [line[0]?.ms ?? 0, line.at(-1)?.ms ?? 0]
  const values = line.map(({ value }) => value)
  return xychart({
    title: `${titleOf(plain(name, 80))}: evidence (ln E), then what is needed to fail`,
    since: 'since the first counts',
    fromMs,
    toMs,
    y: {
      name: 'ln E',
      low: Math.floor(Math.min(0, ...values)),
      high: Math.ceil(Math.max(needed, ...values)) + 1,
    },
    lines: [line, [{ ms: fromMs, value: needed }]],
  })
}

/** A title stands in quotes in a fenced block, where nothing can be escaped: what is no letter, digit or dash is left out. */
function titleOf(text: string): string {
  return text
    .replace(/&#\d+;/g, ' ')
    .replace(/[^\p{L}\p{N} ._-]/gu, ' ')
    .trim()
}
