import { existsSync, readFileSync } from 'node:fs'

/** An order that reached a process of the sample service. */
export type Entry = { id: string; version: string; pid: number; status: number }

/** All entries of the files that the services appended to. A file that no service has opened has none. */
export function readJournals(paths: readonly string[]): Entry[] {
  return paths.filter((path) => existsSync(path)).flatMap(readJournal)
}

function readJournal(path: string): Entry[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => {
    const [id = '', version = '', pid = '', status = ''] = line.split('\t')
    return { id, version, pid: Number(pid), status: Number(status) }
  })
}
