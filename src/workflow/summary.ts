import type { ClosedRollout, OpenRollout } from '../rollout/ledger.js'
import type { Outcome, Result, Standby } from '../rollout/outcome.js'
import { forMarkdown, onOneLine } from './plain-text.js'
import type { RolloutReport } from './rollout-report.js'
import { charts } from './summary-chart.js'
import { metricsSection } from './summary-metrics.js'
import { plainTable, timelineTable, type Plain } from './summary-table.js'

/** GitHub refuses a summary of more than 1 MiB and shows nothing of it then (trap 36). */
export const SUMMARY_LIMIT_BYTES = 1_000_000

const SIGN: Record<Result, string> = {
  succeeded: '✅',
  failed: '❌',
  'rolled-back': '↩️',
  held: '⏸️',
  unchanged: '➖',
}

/**
 * The job summary of one step, in Markdown. Somebody reads it at night: first what happened, where traffic stands
 * and how to go back, in sentences; figures below. Nothing that comes from outside works as Markdown or HTML in it.
 *
 * @param redact takes secrets out of a text; before it is escaped, or they would not be recognised any more.
 */
export function summaryOf(report: RolloutReport, redact: (text: string) => string): string {
  const plain: Plain = (text, limit) => forMarkdown(redact(onOneLine(redact(text))), limit)
  const { outcome } = report
  const timeline = outcome.rollout?.timeline ?? []
  const judgement = outcome.report?.judgement
  const over = outcome.problem !== undefined || !isOpen(outcome.rollout)
  const sections = [
    headline(report, plain),
    ...(timeline.length > 0 ? [folded('Timeline of the rollout', timelineTable(timeline, plain), over)] : []),
    ...(judgement !== undefined && judgement.metrics.length > 0
      ? [folded('Metrics', metricsSection(judgement, plain), over)]
      : []),
    ...(report.tables ?? []).map((table) => folded(plain(table.title), plainTable(table, plain), true)),
    ...[charts(timeline)].filter((drawn) => drawn !== '').map((drawn) => folded('Charts', drawn, over)),
  ]
  return bounded(sections)
}

function headline(report: RolloutReport, plain: Plain): string {
  const { step, service, environment, outcome, dryRun } = report
  const version = outcome.candidateVersion ?? outcome.restoredVersion ?? outcome.stableVersion
  const what = [service, version].filter((part) => part !== undefined).map((part) => plain(part, 80))
  const lines = [
    `### ${SIGN[outcome.result]} ${what.join(' ')} in ${plain(environment, 80)}: ${outcome.result.replace('-', ' ')} (${step})`,
    `${plain(outcome.sentence, 2_000)}`,
    ...(dryRun ? ['**Dry run:** nothing was changed.'] : []),
    ...(outcome.problem === undefined ? [] : problemLines(outcome, plain)),
    `**Traffic:** ${plain(outcome.position, 500)}${share(outcome, plain)}`,
    `**Going back:** ${wayBack(outcome, plain)}`,
    ...outcome.standby.map((standby) => `**Still running:** ${stillRunning(standby, plain)}`),
  ]
  return lines.join('\n\n')
}

function problemLines({ problem, sentence }: Outcome, plain: Plain): string[] {
  if (problem === undefined) return []
  const what = problem.message === sentence ? [] : [`**Why:** ${plain(problem.message, 2_000)}`]
  return problem.hint === undefined ? what : [...what, `**What to do:** ${plain(problem.hint, 1_000)}`]
}

function share({ weight, observedShare }: Outcome, plain: Plain): string {
  const parts = [
    ...(weight === undefined ? [] : [`weight of the candidate ${weight} % of all requests`]),
    ...(observedShare === undefined
      ? []
      : [`observed share ${plain(observedShare)}${/\d$/.test(observedShare) ? ' %' : ''}`]),
  ]
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

/** How to take it back from here, for somebody who has never done it. */
function wayBack(outcome: Outcome, plain: Plain): string {
  const { rollout, standby } = outcome
  if (isOpen(rollout)) {
    if (rollout.phase === 'failed' || rollout.phase === 'going-back') {
      return 'it is going back. If this page stays as it is, run the action `rollback` in this run, or wait for the sweep.'
    }
    return `cancel this run, or run the action \`rollback\` with \`state: ${plain(rollout.id)}\`. It also goes back by itself if a later step of its job fails.`
  }
  if (rollout?.outcome === 'promoted') return afterPromotion(standby[0], plain)
  if (outcome.stableVersion === undefined) return 'there is nothing to go back to: no release is live.'
  return `nothing to do: ${plain(outcome.stableVersion, 80)} serves.`
}

function afterPromotion(previous: Standby | undefined, plain: Plain): string {
  const how =
    'deploy the earlier release again (re-run its workflow run), or run the action `rollback` with `to:` and its version.'
  if (previous === undefined) return `${how} It has to be started first.`
  return `${how} ${plain(previous.version, 80)} is still warm: that takes one weight change.`
}

function stillRunning({ version, place, until }: Standby, plain: Plain): string {
  const end = until === undefined ? 'until the next deploy' : `until ${plain(until.replace(/\.\d+Z$/, 'Z'))}`
  return `${plain(version, 80)} in ${plain(place)}, ${end}; after that, going back means starting it again.`
}

function isOpen(rollout: OpenRollout | ClosedRollout | undefined): rollout is OpenRollout {
  return rollout !== undefined && 'phase' in rollout
}

/** Open when the rollout is over or has failed; folded while it goes on, since each step shows its own. */
function folded(title: string, content: string, open: boolean): string {
  return `<details${open ? ' open' : ''}><summary>${title}</summary>\n\n${content}\n\n</details>`
}

/** Leaves out what does not fit, whole sections at a time, the last first, and says so. */
function bounded(sections: readonly string[]): string {
  const note = '_More is in the log of the step: the summary may have 1 MiB._'
  const kept: string[] = []
  let bytes = Buffer.byteLength(note) + 2
  for (const section of sections) {
    bytes += Buffer.byteLength(section) + 2
    if (bytes > SUMMARY_LIMIT_BYTES) return `${[...kept, note].join('\n\n')}\n`
    kept.push(section)
  }
  return `${kept.join('\n\n')}\n`
}
