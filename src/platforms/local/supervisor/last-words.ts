import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from '../../../rollout/place.js'
import { isMissing } from '../state-directory.js'
import { BoundedLog } from './bounded-log.js'

/** How many lines of a place are told, all replicas together. */
const LINES = 200

/** The file that one replica of an attempt writes to; attempt ids hold no dots. */
export function logName(place: Place, attempt: string, replica: number): string {
  return `${place}.${attempt}.${replica}.log`
}

/** The last lines of the latest attempt in a place, of each replica in turn, whether it runs or not. */
export function lastWords(logs: string, place: Place): string[] {
  const files = logFiles(logs, place)
  const each = Math.floor(LINES / Math.max(1, files.length))
  return files.flatMap((file, index) => {
    const log = new BoundedLog(file)
    try {
      const lines = log.tail(each)
      return files.length === 1 ? lines : lines.map((line) => `${index + 1}: ${line}`)
    } finally {
      log.close()
    }
  })
}

/** Removes the logs of a place's former attempts, but not those that are still written to. */
export function forgetWords(logs: string, place: Place, running: readonly string[] = []): void {
  for (const file of logFiles(logs, place)) {
    if (!running.some((attempt) => file.includes(`${place}.${attempt}.`))) rmSync(file, { force: true })
  }
}

/** The logs of a place, by replica. */
function logFiles(logs: string, place: Place): string[] {
  let names: string[]
  try {
    names = readdirSync(logs)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
  const number = (name: string): number => Number(name.split('.')[2])
  return names
    .filter((name) => name.startsWith(`${place}.`))
    .sort((one, other) => number(one) - number(other))
    .map((name) => join(logs, name))
}
