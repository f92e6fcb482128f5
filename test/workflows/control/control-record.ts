import { readRecord } from '../../load/record.ts'
import type { Moments } from '../../load/moments.ts'
import { sentDuring } from '../../load/moments.ts'

/**
 * Why a scenario that ran in this time says nothing: the control service, which nobody touched, lost requests.
 * @throws Error if there is no control: then nothing could be said either way
 */
export function faultsOfMachine(platform: string, moments: Moments): readonly string[] {
  const records = JSON.parse(process.env['SCENARIO_CONTROLS'] ?? '{}') as Readonly<Record<string, string>>
  const path = records[platform]
  if (path === undefined)
    throw new Error(`no control service runs on ${platform}: use npm run test:scenarios or test:system`)
  const rows = sentDuring(readRecord(path), moments)
  if (rows.length === 0) throw new Error(`the control service on ${platform} is under no load`)
  const lost = rows.filter((row) => row.error !== null).length
  return lost === 0
    ? []
    : [`the control service, which nobody touched, lost ${lost} of ${rows.length} requests`]
}
