import type { LoadRecord, Row } from './record.ts'

/** A stretch of time, in milliseconds since 1970; open to the end of the run without `to`. */
export type Moments = { from: number; to?: number }

/** The rows that were sent in this stretch. */
export function sentDuring(record: LoadRecord, moments: Moments): Row[] {
  const from = moments.from - record.startedAt
  const to = (moments.to ?? Infinity) - record.startedAt
  return record.rows.filter((row) => row.sent >= from && row.sent < to)
}

/**
 * When a mark was set, in milliseconds since 1970; the first if there are several of this name.
 *
 * @throws an Error that names the marks that there are.
 */
export function markedAt(record: LoadRecord, name: string): number {
  const mark = record.marks.find((each) => each.name === name)
  if (mark !== undefined) return record.startedAt + mark.at
  const known = record.marks.map((each) => `"${each.name}"`).join(', ')
  throw new Error(`no mark "${name}" in the record, only ${known || 'none'}`)
}
