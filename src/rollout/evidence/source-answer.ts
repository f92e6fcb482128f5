import { formatDuration } from '../duration.js'
import type { Clock } from '../ports/clock.js'
import { TransientError } from '../ports/transient-error.js'
import { messageOf, UserError } from '../user-error.js'

/** How long a source of metrics is waited for in one look, in milliseconds: the next look asks it again. */
export const ANSWER_LIMIT_MS = 10_000

/** What a source of metrics answered, or why nothing can be said. */
export type SourceAnswer<Told> =
  { readonly kind: 'told'; readonly told: Told } | { readonly kind: 'silent'; readonly why: string }

/** Asks a source of metrics. One that breaks or does not answer in time is no error of the step: it has no data. */
export async function askSource<Told>(
  clock: Clock,
  source: string,
  ask: () => Promise<Told>,
): Promise<SourceAnswer<Told>> {
  const over = new AbortController()
  const late = async (): Promise<SourceAnswer<Told>> => {
    await clock.sleep(ANSWER_LIMIT_MS, over.signal)
    return { kind: 'silent', why: `${source} did not answer within ${formatDuration(ANSWER_LIMIT_MS)}` }
  }
  try {
    return await Promise.race([answerOf(ask), late()])
  } finally {
    over.abort()
  }
}

async function answerOf<Told>(ask: () => Promise<Told>): Promise<SourceAnswer<Told>> {
  try {
    return { kind: 'told', told: await ask() }
  } catch (thrown) {
    if (!(thrown instanceof UserError) && !(thrown instanceof TransientError)) throw thrown
    return { kind: 'silent', why: messageOf(thrown) }
  }
}
