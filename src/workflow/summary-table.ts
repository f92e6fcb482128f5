import type { Verdict } from '../rollout/ports/judge.js'
import type { SideFigures, TimelineEntry } from '../rollout/timeline.js'
import { count, milliseconds, percent } from './figures-in-words.js'
import type { SummaryTable } from './rollout-report.js'

/** Turns text from anywhere into Markdown that shows it letter by letter, without secrets, at most `limit` characters. */
export type Plain = (text: string, limit?: number) => string

/** Rows of one table; more would be read by nobody and could fill the summary's 1 MiB (trap 36). */
const ROW_LIMIT = 200

export const VERDICT_SIGN: Record<Verdict, string> = {
  pass: '✅ pass',
  fail: '❌ fail',
  inconclusive: '❔ inconclusive',
}

/** A Markdown table, whose cells `cellsOf` makes of each row: only rows that are shown are worked on. */
export function table<Row>(
  columns: readonly string[],
  rows: readonly Row[],
  cellsOf: (row: Row) => readonly string[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const shown = rows.slice(0, ROW_LIMIT).map(cellsOf)
  const lines = [line(columns), line(columns.map(() => '---')), ...shown.map(line)]
  if (rows.length > ROW_LIMIT) lines.push('', `and ${rows.length - ROW_LIMIT} more rows`)
  return lines.join('\n')
}

/** What happened when: weights, and both sides' figures where they were counted. */
export function timelineTable(timeline: readonly TimelineEntry[], plain: Plain): string {
  const columns = ['time (UTC)', 'what', 'weight', 'requests', 'errors', 'p95', 'verdict']
  const cells = ({ at, what, weight, stable, candidate, verdict, reason }: TimelineEntry): string[] => [
    timeOf(at, plain),
    plain(what),
    weight === undefined ? '' : `${weight} %`,
    bothSides(candidate, stable, ({ requests }) => count(requests)),
    bothSides(candidate, stable, errorShare),
    bothSides(candidate, stable, ({ p95Ms }) => (p95Ms === undefined ? undefined : milliseconds(p95Ms))),
    [verdict === undefined ? '' : VERDICT_SIGN[verdict], reason === undefined ? '' : plain(reason)]
      .filter((part) => part !== '')
      .join(': '),
  ]
  return `${table(columns, timeline, cells)}\n\n_Requests, errors and p95: candidate (stable). Weight: percent of all requests that go to the candidate._`
}

/** A table of plain text. */
export function plainTable({ columns, rows }: SummaryTable, plain: Plain): string {
  const cells = (row: readonly string[]): string[] => row.map((cell) => plain(cell))
  return table(cells(columns), rows, cells)
}

/** `12:03:07`; what is no time is shown as it is. */
function timeOf(at: string, plain: Plain): string {
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? plain(at) : time.toISOString().slice(11, 19)
}

function bothSides(
  candidate: SideFigures | undefined,
  stable: SideFigures | undefined,
  text: (figures: SideFigures) => string | undefined,
): string {
  const one = candidate && text(candidate)
  const other = stable && text(stable)
  if (one === undefined && other === undefined) return ''
  return other === undefined ? (one ?? '') : `${one ?? '–'} (${other})`
}

function errorShare({ requests, errors }: SideFigures): string | undefined {
  if (errors === undefined) return undefined
  return requests === 0 ? '–' : percent(errors / requests)
}
