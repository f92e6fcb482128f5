import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { messageOf, UserError } from '../rollout/user-error.js'
import { judgeFile } from './judge-file.js'
import { readJudgedFile } from './read-file.js'
import { unknownMetrics } from './unknown-metrics.js'

export { judge, judgeBlocks } from '../analysis/judge.js'
export { judgeMannWhitney } from '../analysis/mann-whitney/mann-whitney.js'
export { judgeThreshold } from '../analysis/threshold.js'

const USAGE = 'npm run -s judge -- FILE.json, or - for standard input'

/**
 * The command `judge`: reads blocks, prints the judgement as one line of JSON.
 * @returns the exit status: 0 judged, 1 judged otherwise than the file says, 2 the file cannot be judged
 */
export async function run(words: readonly string[]): Promise<0 | 1 | 2> {
  try {
    const file = fileOf(words)
    const read = readJudgedFile(await contentOf(file), file === '-' ? 'standard input' : file)
    const unknown = unknownMetrics(read.parameters.rules, read.blocks)
    if (unknown !== undefined) process.stderr.write(`judge: warning: ${unknown}\n`)
    const judged = judgeFile(read)
    process.stdout.write(`${JSON.stringify(judged)}\n`)
    const { replay } = judged
    if (replay === undefined) return 0
    process.stderr.write(
      replay.same
        ? `judge: the same verdict as in the file: ${replay.recorded}\n`
        : `judge: another verdict than in the file: ${judged.verdict}, there it is ${replay.recorded}\n`,
    )
    return replay.same ? 0 : 1
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    process.stderr.write(error.message.replaceAll(/^/gm, 'judge: ') + '\n')
    if (error.hint !== undefined) process.stderr.write(`${error.hint}\n`)
    return 2
  }
}

function fileOf(words: readonly string[]): string {
  const [file] = words
  const isOption = file !== undefined && file !== '-' && file.startsWith('-')
  if (file !== undefined && words.length === 1 && !isOption) return file
  throw new UserError(`given ${words.length === 0 ? 'no file' : words.join(' ')}; allowed: one file`, {
    hint: `Usage: ${USAGE}. docs/judging.md describes the file.`,
  })
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin)
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UserError(`${file} cannot be read: ${messageOf(cause)}`, { cause, hint: `Usage: ${USAGE}.` })
  }
}
