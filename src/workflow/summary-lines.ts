import type { Plain } from './summary-table.js'

/** More lines are in the log. */
const LINE_LIMIT = 40

/** A text of several lines, such as the end of a log or a list of problems, as lines of the summary. */
export function linesOf(text: string, plain: Plain): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const shown = lines.slice(0, LINE_LIMIT).map((line) => plain(line, 2_000))
  const hidden = lines.length - shown.length
  return [...shown, ...(hidden > 0 ? [`and ${hidden} more lines, in the log`] : [])].join('<br>')
}
