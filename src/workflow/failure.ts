import { endGroup, info, startGroup } from '@actions/core'
import { Cancelled } from '../rollout/interruption.js'
import { TransientError } from '../rollout/ports/transient-error.js'
import { messageOf, UserError } from '../rollout/user-error.js'
import type { Annotations } from './annotations.js'
import type { Masks } from './masks.js'
import { printable } from './printable.js'

/** How much of a stack is worth reading. */
const STACK_LIMIT = 40

/**
 * Shows why a step fails, in one annotation, and makes its exit code 1. A UserError is told as it is, with its
 * hint, and the lines of files that it is about get an annotation each. Anything else is a bug of ours, which keeps its stack, in the log.
 */
export function showFailure(step: string, thrown: unknown, annotations: Annotations, masks: Masks): void {
  const { message, hint, bug } = toldOf(thrown)
  if (bug) showStack(thrown, masks)
  if (thrown instanceof UserError) for (const mark of thrown.marks) annotations.markFile(mark)
  annotations.fail(`${step}: ${message}${hint === undefined ? '' : `\n${hint}`}`)
}

/** What is said of something thrown. */
export interface Told {
  readonly message: string
  /** What to do next. */
  readonly hint?: string | undefined
  /** A bug of ours: its stack is worth reading. */
  readonly bug: boolean
}

/** What of anything thrown is for the user to read. */
export function toldOf(thrown: unknown): Told {
  if (thrown instanceof Cancelled) return { message: 'the job was cancelled', bug: false }
  if (thrown instanceof UserError) return { message: thrown.message, hint: thrown.hint, bug: false }
  if (thrown instanceof TransientError) {
    const hint = 'Nothing is known to be wrong on this side: run the step again, or run rollback.'
    return { message: thrown.message, hint, bug: false }
  }
  const hint =
    'This is a bug of Tuesday: please report it with the log of this step, where its stack is. Running the step again, or rollback, is safe.'
  return { message: messageOf(thrown), hint, bug: true }
}

/** The stack with those of its causes, which say where it began. */
function showStack(thrown: unknown, masks: Masks): void {
  startGroup('Where it happened')
  for (const [depth, error] of chainOf(thrown).entries()) {
    const stack = error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error)
    const lines = stack.split('\n').slice(0, STACK_LIMIT).join('\n')
    info(printable(depth === 0 ? lines : `caused by ${lines}`, masks))
  }
  endGroup()
}

/** An error, what caused it and what it gathers; bounded, since causes can go in circles. */
function chainOf(thrown: unknown): unknown[] {
  const chain: unknown[] = []
  const open = [thrown]
  while (open.length > 0 && chain.length < 10) {
    const error = open.shift()
    chain.push(error)
    if (error instanceof AggregateError) open.push(...(error.errors as unknown[]))
    if (error instanceof Error && error.cause !== undefined) open.push(error.cause)
  }
  return chain
}
