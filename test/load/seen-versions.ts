import type { LoadRecord, Row } from './record.ts'

export type VersionSeen = {
  /** Complete answers that name it, and how many of them were errors. */
  answers: number
  errors: number
  pids: number[]
  /** When the first and the last request were sent that it answered, in milliseconds since 1970. */
  firstSent: number
  lastSent: number
}

/** Which versions answered these requests, by the bodies of the answers. */
export function seenVersions(record: LoadRecord, rows: readonly Row[]): Record<string, VersionSeen> {
  const seen: Record<string, VersionSeen> = {}
  for (const { version, pid, error, sent } of rows) {
    if (version === null || pid === null) continue
    const at = record.startedAt + sent
    const of = (seen[version] ??= { answers: 0, errors: 0, pids: [], firstSent: at, lastSent: at })
    of.answers += 1
    if (error !== null) of.errors += 1
    if (!of.pids.includes(pid)) of.pids.push(pid)
    of.firstSent = Math.min(of.firstSent, at)
    of.lastSent = Math.max(of.lastSent, at)
  }
  return seen
}
