import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const page = join(import.meta.dirname, '..', '..', 'docs', 'analysis-benchmark.md')
const begin = '<!-- figures: written by npm run bench:analysis -- --record -->'
const end = '<!-- end of figures -->'

/** Puts figures in the place of those that the page held, with the day on which they were taken. */
export const withFigures = (before: string, text: string, day: string): string => {
  const from = before.indexOf(begin)
  const to = before.indexOf(end)
  if (from < 0 || to < from)
    throw new Error(
      `docs/analysis-benchmark.md has no place for the figures. Add two lines:\n${begin}\n${end}`,
    )
  const figures = [
    begin,
    '<!-- prettier-ignore-start -->',
    `Taken on ${day}. ${text}`,
    '<!-- prettier-ignore-end -->',
  ]
  return `${before.slice(0, from)}${figures.join('\n\n')}\n\n${before.slice(to)}`
}

export const record = (text: string): void =>
  writeFileSync(page, withFigures(readFileSync(page, 'utf8'), text, new Date().toISOString().slice(0, 10)))
