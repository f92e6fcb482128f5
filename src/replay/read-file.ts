import * as v from 'valibot'
import { keyText } from '../config/problem.js'
import { nearest } from '../rollout/nearest.js'
import { messageOf, UserError } from '../rollout/user-error.js'
import { misplacedBlocks } from './block-order.js'
import { FILE_PHRASE, fileSchema, type JudgedFile } from './file-schema.js'
import { unjudgeableRules } from './unjudgeable-rules.js'
import { misfittingSamples } from './sample-kinds.js'

/** More lines than this help nobody. */
const MOST_LINES = 20

/**
 * Reads what is to be judged. `name` is how errors call the file.
 * @throws UserError that names each wrong place, what was given and what is allowed.
 */
export function readJudgedFile(text: string, name: string): JudgedFile {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw refusal([`${name}: is no JSON: ${messageOf(cause)}`])
  }
  if (Array.isArray(value))
    throw refusal([`${name}: the file: given ${shown(value)}; allowed: ${FILE_PHRASE}`])
  const parsed = v.safeParse(fileSchema, value)
  const problems = parsed.success ? problemsOf(parsed.output) : parsed.issues.map(problemOf)
  if (parsed.success && problems.length === 0) return parsed.output
  throw refusal([...new Set(problems)].map((problem) => `${name}: ${problem}`))
}

/** What a schema cannot say. */
function problemsOf({ parameters: { rules }, blocks }: JudgedFile): readonly string[] {
  return [...unjudgeableRules(rules), ...misplacedBlocks(blocks), ...misfittingSamples(rules, blocks)]
}

function refusal(lines: readonly string[]): UserError {
  const hidden = lines.length - MOST_LINES
  const more = hidden > 0 ? [`… and ${hidden} more`] : []
  return new UserError([...lines.slice(0, MOST_LINES), ...more].join('\n'), {
    hint: 'docs/judging.md describes the file, docs/judge-input.schema.json and docs/report.schema.json check it.',
  })
}

/** `blocks[3].metrics.errors.stable.bad: given -1; allowed: how many requests, a whole number from 0` */
function problemOf({ path, type, expected, received, input, message }: v.BaseIssue<unknown>): string {
  const keys = (path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
  const at = keys.length === 0 ? 'the file' : keyText(keys)
  if (type === 'strict_object' && expected === 'never') return `${at}: ${unknownKey(String(input), message)}`
  if (type.endsWith('_object') && received === 'undefined')
    return `${at}: is missing from what is to be ${message}`
  return `${at}: given ${shown(path?.at(-1)?.value ?? input)}; allowed: ${message}`
}

function unknownKey(key: string, known: string): string {
  const near = nearest(key, known.split(', '))
  return `unknown key${near === undefined ? '' : `; did you mean ${near}?`}; allowed here: ${known}`
}

const LONGEST_SHOWN = 60

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`
}
