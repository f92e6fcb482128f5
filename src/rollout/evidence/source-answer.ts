import { formatDuration } from '../duration.js'
import type { Clock } from '../ports/clock.js'
import { DEFAULT_ANSWER_MS, type MetricSource } from '../ports/metric-source.js'
import { TransientError } from '../ports/transient-error.js'
import { messageOf, UserError } from '../user-error.js'

/** So much longer than it may take a source is waited for, in milliseconds: what it says itself of its failure tells more. */
const GRACE_MS = 1_000

/** What a source of metrics answered, or why nothing can be said. */
export type SourceAnswer<Told> =
  { readonly kind: 'told'; readonly told: Told } | { readonly kind: 'silent'; readonly why: string }

/** How long the time or the counts of a source are waited for, in milliseconds. */
export function answerLimit({ answerMs }: MetricSource): number {
  return answerMs === undefined ? DEFAULT_ANSWER_MS : answerMs + GRACE_MS
}

/** How long the history of one metric is waited for, in milliseconds. */
export function historyLimit(source: MetricSource, windows: number): number {
  const ms = source.historyAnswerMs?.(windows)
  return ms === undefined ? answerLimit(source) : ms + GRACE_MS
}

/**
 * Asks a source of metrics. One that breaks or does not answer in time is no error of the step: it has no data.
 *
 * @param limitMs how long it is waited for, in milliseconds
 */
export async function askSource<Told>(
  clock: Clock,
  source: string,
  limitMs: number,
  ask: () => Promise<Told>,
): Promise<SourceAnswer<Told>> {
  const over = new AbortController()
  const late = async (): Promise<SourceAnswer<Told>> => {
    await clock.sleep(limitMs, over.signal)
    return { kind: 'silent', why: `${source} did not answer within ${formatDuration(limitMs)}` }
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
