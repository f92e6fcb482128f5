import { UserError } from '../../rollout/user-error.js'

/**
 * Splits a command line into program and arguments the way a shell does, quotes and backslashes included, and
 * does nothing else of what a shell does: no variables, no globs, no pipes.
 * @throws UserError for an empty command or a quote that is never closed.
 */
export function splitCommand(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote: string | undefined
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? ''
    if (quote !== undefined) {
      if (char === quote) quote = undefined
      else if (char === '\\' && quote === '"' && /["\\]/.test(line[i + 1] ?? '')) word += line[++i] ?? ''
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === '\\' && i + 1 < line.length) {
      word = (word ?? '') + (line[++i] ?? '')
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + char
    }
  }
  if (quote !== undefined) {
    throw new UserError(`command: the quote ${quote} in ${JSON.stringify(line)} is never closed`, {
      hint: 'Close it, or write the command as a list: command: [node, server.js].',
    })
  }
  if (word !== undefined) words.push(word)
  if (words.length === 0 || words[0] === '') {
    throw new UserError('command: is empty', { hint: 'Say what starts the service: command: node server.js' })
  }
  return words
}
