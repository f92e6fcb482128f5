import { UserError } from '../rollout/user-error.js'

/** Where something stands in the file: keys and, in lists, numbers from 0. */
export type KeyPath = readonly (string | number)[]

/** Something wrong in rollout.yml, before it is known on which line it stands. */
export interface Problem {
  readonly path: KeyPath
  /** Whether the key is wrong, or its value. */
  readonly mark: 'key' | 'value'
  /** What was given and what is allowed. No secrets. */
  readonly message: string
}

/** A problem with its place, for messages and annotations. Lines and columns count from 1. */
export interface LocatedProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `plan[2].weight`; empty for the file as a whole. */
  readonly key: string
  readonly message: string
}

/** Everything that is wrong in rollout.yml, one line each: `file:line:column: key: what was given and what is allowed`. */
export class ConfigError extends UserError {
  readonly problems: readonly LocatedProblem[]

  constructor(problems: readonly LocatedProblem[], hint?: string) {
    super(problems.map(lineOf).join('\n'), {
      marks: problems.map(({ key, message, ...place }) => ({ ...place, message: about(key, message) })),
      ...(hint !== undefined && { hint }),
    })
    this.name = 'ConfigError'
    this.problems = problems
  }
}

function lineOf({ file, line, column, key, message }: LocatedProblem): string {
  return `${file}:${line}:${column}: ${about(key, message)}`
}

function about(key: string, message: string): string {
  return key === '' ? message : `${key}: ${message}`
}

/** `plan[2].weight` */
export function keyText(path: KeyPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const plain = /^[\w-]+$/.test(part) ? part : JSON.stringify(part)
    return text === '' ? plain : `${text}.${plain}`
  }, '')
}
