import { error, info, notice, setFailed, warning } from '@actions/core'
import type { FileMark } from '../rollout/user-error.js'
import type { Masks } from './masks.js'
import { cutTo, forLog, MESSAGE_LIMIT } from './plain-text.js'
import { printable } from './printable.js'

type Kind = 'error' | 'warning' | 'notice'

/** GitHub keeps ten of each kind a step and drops the rest without a word (trap 36). The failure itself is an error too. */
const LIMIT: Record<Kind, number> = { error: 9, warning: 10, notice: 10 }

const SHOW: Record<Kind, (message: string) => void> = { error, warning, notice }
const WORD: Record<Kind, string> = { error: 'Error', warning: 'Warning', notice: 'Notice' }

/**
 * What this step says at the top of the run's page. The first ones of a kind are annotations; later ones are lines
 * of the log, and the last annotation, made by `close`, says how many there were.
 */
export class Annotations {
  readonly #masks: Masks
  readonly #counts: Record<Kind, number> = { error: 0, warning: 0, notice: 0 }
  readonly #last: Partial<Record<Kind, string>> = {}

  constructor(masks: Masks) {
    this.#masks = masks
  }

  notice(message: string): void {
    this.#add('notice', message)
  }

  warning(message: string): void {
    this.#add('warning', message)
  }

  error(message: string): void {
    this.#add('error', message)
  }

  /** An error at its line of a file, which GitHub shows in the pull request too. Those over the limit are in the failure's text. */
  markFile({ file, line, column, message }: FileMark): void {
    if (this.#counts.error >= LIMIT.error - 1) return
    this.#counts.error += 1
    const place = { file: this.#printable(file), startLine: line, startColumn: column }
    error(this.#printable(message), place)
  }

  /** The reason why the step fails: always an annotation, and the exit code becomes 1. */
  fail(message: string): void {
    setFailed(this.#printable(message))
  }

  /** Says what was not annotated. Later annotations are lines of the log. */
  close(): void {
    for (const kind of ['error', 'warning', 'notice'] as const) {
      const more = this.#counts[kind] - (LIMIT[kind] - 1)
      const last = this.#last[kind]
      if (more <= 0 || last === undefined) continue
      SHOW[kind](
        more === 1 ? last : `and ${more} more, in the log of this step; the last: ${cutTo(last, 2_000)}`,
      )
      delete this.#last[kind]
    }
  }

  #add(kind: Kind, message: string): void {
    const shown = this.#printable(message)
    this.#counts[kind] += 1
    if (this.#counts[kind] < LIMIT[kind]) return SHOW[kind](shown)
    this.#last[kind] = shown
    info(forLog(`${WORD[kind]}: ${shown}`))
  }

  #printable(message: string): string {
    return cutTo(printable(message, this.#masks), MESSAGE_LIMIT)
  }
}
