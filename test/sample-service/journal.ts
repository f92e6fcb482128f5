import { openSync, writeSync } from 'node:fs'

/** One order that reached a release, whatever it was answered: a proxy that tried twice is seen by the second line. */
export type Entry = { id: string; version: string; pid: number; status: number }

/**
 * Appends one line `id version pid status`, with tabs between, to the file that JOURNAL names. It is written before the
 * answer is, and at once: a process that is killed right after has still written it. Several processes append to the same
 * file; short appends are not mixed.
 */
export function journal(path: string | undefined): (entry: Entry) => void {
  if (path === undefined || path === '') return () => undefined
  const file = openSync(path, 'a')
  return (entry) => {
    writeSync(file, `${entry.id}\t${entry.version}\t${entry.pid}\t${entry.status}\n`)
  }
}
