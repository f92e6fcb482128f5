import { sentDuring } from './moments.ts'
import type { Moments } from './moments.ts'
import type { LoadRecord } from './record.ts'

export type Share = {
  /** Requests without cookies that were answered in this time, by whatever version. */
  requests: number
  /** How many of them the version answered, and the same in percent of them; null if there were none. */
  ofVersion: number
  percent: number | null
}

/**
 * What share of the requests *without cookies* a version answered, errors that it wrote itself included. Clients with a
 * cookie jar, slow ones and websockets stay where they are and say nothing about the weight of now.
 */
export function share(record: LoadRecord, version: string, moments: Moments): Share {
  const answered = sentDuring(record, moments).filter(
    ({ side, kind, version: by }) =>
      side === 'target' && (kind === 'keep-alive' || kind === 'new-connection') && by !== null,
  )
  const ofVersion = answered.filter((row) => row.version === version).length
  const requests = answered.length
  return { requests, ofVersion, percent: requests === 0 ? null : (100 * ofVersion) / requests }
}
