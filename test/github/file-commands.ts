/** The files by which a step speaks to the runner: GITHUB_OUTPUT, GITHUB_ENV, GITHUB_STATE, GITHUB_PATH. */
import { readFile } from 'node:fs/promises'

/**
 * Parses `NAME=VALUE` and `NAME<<DELIMITER … DELIMITER` lines.
 * Throws with the runner's own words for anything else (actions/runner, FileCommandManager).
 */
export function parseKeyValueFile(content: string, what: string): [string, string][] {
  const lines = content.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const found: [string, string][] = []
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const heredoc = line.indexOf('<<')
    const equals = line.indexOf('=')
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      found.push([named(line.slice(0, equals), line, what), line.slice(equals + 1)])
    } else if (heredoc >= 0) {
      const name = named(line.slice(0, heredoc), line, what)
      const delimiter = line.slice(heredoc + 2)
      if (delimiter === '')
        throw new Error(`Invalid ${what} format '${line}': the delimiter must not be empty`)
      const end = lines.indexOf(delimiter, at + 1)
      if (end < 0) throw new Error(`Invalid ${what} value: matching delimiter not found '${delimiter}'`)
      found.push([name, lines.slice(at + 1, end).join('\n')])
      at = end
    } else {
      throw new Error(`Invalid ${what} format '${line}'`)
    }
  }
  return found
}

function named(name: string, line: string, what: string): string {
  if (name === '') throw new Error(`Invalid ${what} format '${line}': the name must not be empty`)
  return name
}

/** A file's content; empty if the step deleted it. */
export async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
