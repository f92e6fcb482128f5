/** Log lines shown of a release that does not come up. */
const LAST_LINES = 30

/**
 * The end of a log for people: a process that crashes, is started again and crashes writes the same lines each time, so each
 * is shown once, where it came first, with how often it came.
 */
export function logTail(lines: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const line of lines) if (line.trim() !== '') counts.set(line, (counts.get(line) ?? 0) + 1)
  const told = [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`))
  return told.slice(-LAST_LINES)
}
