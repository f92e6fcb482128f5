import { relative } from 'node:path'
import type { Figures } from './figures.ts'
import { count } from './frame.ts'
import type { GoingBack } from './going-back.ts'
import type { Show } from './show.ts'

/** The last words: what became of each release, what clients saw, and where to read on. */
export function endingText(
  show: Show,
  figures: Figures,
  goingBack: GoingBack | undefined,
  kept: string,
): string {
  const rows = show.acts.map(({ release, ending }) => {
    const { answers = 0, errors = 0, p95Ms = null } = figures.releases[release.version] ?? {}
    const p95 = p95Ms === null ? '–' : `${p95Ms.toFixed(1)} ms`
    return [release.version, ending?.sentence ?? 'was not tried', count(answers), count(errors), p95]
  })
  return [
    '',
    ...table(['release', 'what became of it', 'answers', 'errors', 'p95'], rows),
    '',
    `requests sent: ${count(figures.sent)}, lost: ${count(figures.lost)}` +
      ` (wrong answers that v3 gave itself: ${count(figures.forgiven)}; orders written twice: ${figures.doubled})`,
    ...goingBackLines(figures, goingBack),
    `a service beside it, which nobody touched: ${count(figures.control.sent)} sent, ${figures.control.lost} lost`,
    '',
    `Job summaries and logs: ${relative(process.cwd(), kept)}/`,
  ].join('\n')
}

function goingBackLines(
  { rollbackMs, lastBadAnswerMs }: Figures,
  goingBack: GoingBack | undefined,
): string[] {
  if (goingBack === undefined || rollbackMs === null) return []
  const last =
    lastBadAnswerMs === null
      ? ''
      : `; the last request that v3 answered was sent ${beforeOrAfter(lastBadAnswerMs)} it`
  return [
    `v3 was caught: ${goingBack.reason}`,
    `0 % was confirmed ${rollbackMs} ms after the deciding sample was there${last}`,
  ]
}

function beforeOrAfter(ms: number): string {
  return ms < 0 ? `${-ms} ms before` : `${ms} ms after`
}

/** Columns as wide as they must be; the first two are text, the others figures. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   ')
  return [line(head), widths.map((width) => '─'.repeat(width)).join('   '), ...rows.map(line)]
}
