import type { Phase } from './phase.js'
import { phases } from './phase.js'

/** What a file says of itself in a comment before its first statement. */
export interface Declaration {
  readonly phase?: Phase
  readonly safeSince?: string
}

const KEYS = ['phase', 'safe-since']
const EXAMPLE = '-- tuesday: phase=contract safe-since=<release>'

/**
 * Reads `-- tuesday: phase=contract safe-since=<release>` from the comment that a file begins with.
 * @returns what it declares, or what is wrong with it, with its line.
 */
export function readDeclaration(
  sql: string,
): Declaration | { readonly problem: string; readonly line: number } {
  let declaration: Declaration = {}
  for (const [index, line] of sql.split('\n').entries()) {
    if (line.trim() === '') continue
    if (!line.trimStart().startsWith('--')) break
    const words = /^\s*--\s*tuesday:(.*)$/i.exec(line)?.[1]
    if (words === undefined) continue
    for (const word of words.trim().split(/\s+/)) {
      const read = readWord(word)
      if ('problem' in read) return { problem: read.problem, line: index + 1 }
      declaration = { ...declaration, ...read }
    }
  }
  return declaration
}

function readWord(word: string): Declaration | { readonly problem: string } {
  const [key = '', value = ''] = word.split(/=(.*)/s)
  if (key === 'safe-since' && value !== '' && !value.startsWith('<')) return { safeSince: value }
  const phase = phases.find((known) => known === value)
  if (key === 'phase' && phase !== undefined) return { phase }
  if (KEYS.includes(key)) {
    const allowed = key === 'phase' ? phases.join(' or ') : 'the commit or version of a release'
    return { problem: `${key}=${value} in the tuesday comment: ${key} is ${allowed}` }
  }
  return { problem: `the tuesday comment has no key ${JSON.stringify(key)}: write ${EXAMPLE}` }
}
