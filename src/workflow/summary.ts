import { describeRollout, type ClosedRollout, type OpenRollout } from '../rollout/ledger/ledger.js'
import type { Outcome, Result, Standby } from '../rollout/outcome.js'
import { doubtOf } from './doubt.js'
import { forMarkdown, onOneLine, ourMarkdown } from './plain-text.js'
import type { RolloutReport } from './rollout-report.js'
import { charts } from './summary-chart.js'
import { linesOf } from './summary-lines.js'
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
  const ours: Plain = (text, limit) => ourMarkdown(redact(onOneLine(redact(text))), limit)
  const { outcome } = report
  const timeline = outcome.rollout?.timeline ?? []
  const judgement = outcome.report?.judgement
  const over = outcome.problem !== undefined || !isOpen(outcome.rollout)
  const sections = [
    headline(report, plain, ours),
    ...(timeline.length > 0 ? [folded('Timeline of the rollout', timelineTable(timeline, plain), over)] : []),
    ...(judgement !== undefined && judgement.metrics.length > 0
      ? [folded('Metrics', metricsSection(judgement, plain), over)]
      : []),
    ...(report.tables ?? []).map((table) => folded(plain(table.title), plainTable(table, plain), true)),
    ...[charts(timeline)].filter((drawn) => drawn !== '').map((drawn) => folded('Charts', drawn, over)),
  ]
  return bounded(sections)
}

function headline(report: RolloutReport, plain: Plain, ours: Plain): string {
  const { step, service, environment, outcome, dryRun } = report
  const version = outcome.candidateVersion ?? outcome.restoredVersion ?? outcome.stableVersion
  const what = [service, version].filter((part) => part !== undefined).map((part) => plain(part, 80))
  const doubt = doubtOf(outcome)
  const result = [outcome.result.replace('-', ' '), ...(doubt === undefined ? [] : [doubt.title])].join(', ')
  const sign = doubt === undefined ? SIGN[outcome.result] : '⚠️'
  const lines = [
    `### ${sign} ${what.join(' ')} in ${plain(environment, 80)}: ${result} (${step})`,
    linesOf(outcome.sentence, plain),
    ...(dryRun ? ['**Dry run:** nothing was changed.'] : []),
    ...(outcome.problem === undefined ? [] : problemLines(outcome, plain, ours)),
    `**Traffic:** ${plain(outcome.position, 500)}${share(outcome, plain)}`,
    `**Going back:** ${wayBack(outcome, plain)}`,
    ...outcome.standby.map((standby) => `**Still running:** ${stillRunning(standby, plain)}`),
  ]
  return lines.join('\n\n')
}

function problemLines({ problem, sentence }: Outcome, plain: Plain, ours: Plain): string[] {
  if (problem === undefined) return []
  const what = problem.message === sentence ? [] : [`**Why:** ${linesOf(problem.message, plain)}`]
  return problem.hint === undefined ? what : [...what, `**What to do:** ${ours(problem.hint, 1_000)}`]
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
  const { rollout, other, stableVersion } = outcome
  if (isOpen(rollout)) {
    if (rollout.phase === 'failed' || rollout.phase === 'going-back') {
      return goingBack(outcome, plain)
    }
    return `cancel this run, or run the action \`rollback\` with \`state: ${plain(rollout.id)}\`. It also goes back by itself if a later step of its job fails.`
  }
  if (other !== undefined) {
    return `${plain(`another rollout is open: ${describeRollout(other)}`, 500)}. To take it back, cancel that run, or run the action \`rollback\` with \`state: ${plain(other.id)}\`.`
  }
  if (stableVersion === undefined)
    return 'there is nothing to go back to: the ledger knows no release that is live.'
  return `no rollout is open, and ${plain(stableVersion, 80)} is stable. ${toEarlier(outcome, plain)}`
}

/** What is open after a failure, and which button to press where nobody does it. */
function goingBack({ weight, stableVersion }: Outcome, plain: Plain): string {
  const live =
    stableVersion === undefined ? 'no release serves' : `${plain(stableVersion, 80)} has all requests`
  const done =
    weight === 0
      ? `done: ${live}. The rest of the job only tidies up.`
      : 'under way: the rest of the job finishes it.'
  return `${done} If the job is over and no later summary says “rolled back”, press “Re-run jobs” on this run, or run the workflow that sweeps.`
}

/** From the release that is stable now to one before it. */
function toEarlier({ earlier, standby }: Outcome, plain: Plain): string {
  if (earlier?.length === 0) return 'No other release was stable before: there is none to go back to.'
  const warm = standby.find(({ version }) => earlier?.includes(version) ?? true)?.version
  const version = warm ?? earlier?.[0]
  const which = version === undefined ? 'an earlier release' : plain(version, 80)
  const to = version === undefined ? '`to:` and its version' : asCode(`to: ${version}`, plain)
  const how = `To return to ${which}, run the action \`rollback\` with ${to}, or re-run its workflow run.`
  return warm === undefined
    ? `${how} It has to be started first.`
    : `${how} It is still warm: that takes one weight change.`
}

/** Entities do not work in code: what needs them stays text. */
function asCode(text: string, plain: Plain): string {
  const shown = plain(text)
  return shown === text ? `\`${text}\`` : shown
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
