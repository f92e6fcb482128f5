import type { Row } from './record.ts'
import type { Verdict } from './verdict.ts'

/** A verdict in a few lines, for the message of a test that failed: what was lost, when, and by whom. */
export function describeVerdict(verdict: Verdict): string {
  const { sent, answered, forgiven, lost, unanswered, doubled, missing, control, byVersion } = verdict
  const reasons = Map.groupBy(unanswered, (row) => `${row.kind} ${row.method}: ${row.error}`)
  return [
    `sent ${sent}, answered ${answered}, forgiven ${forgiven}, lost ${lost}`,
    `control: sent ${control.sent}, lost ${control.lost}`,
    `sent at most ${verdict.worstDelayMs.toFixed(1)} ms late; no answer for at most ${verdict.worstGapMs.toFixed(1)} ms`,
    ...Object.entries(byVersion).map(
      ([version, seen]) => `version ${version}: ${seen.answers} answers, ${seen.errors} errors`,
    ),
    ...[...reasons].map(([reason, rows]) => `${rows.length} x ${reason}, ${firstAndLast(rows)}`),
    ...(doubled.length > 0 ? [`doubled: ${doubled.slice(0, 5).join(', ')} (${doubled.length})`] : []),
    ...(missing.length > 0 ? [`missing: ${missing.slice(0, 5).join(', ')} (${missing.length})`] : []),
    ...verdict.void.map((reason) => `void: ${reason}`),
  ].join('\n')
}

function firstAndLast(rows: readonly Row[]): string {
  const times = rows.map((row) => row.sent).toSorted((a, b) => a - b)
  return `sent ${((times[0] ?? 0) / 1_000).toFixed(3)} s to ${((times.at(-1) ?? 0) / 1_000).toFixed(3)} s after the start`
}
