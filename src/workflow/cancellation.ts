import { formatDuration } from '../rollout/duration.js'
import { messageOf } from '../rollout/user-error.js'

/**
 * GitHub cancels by SIGINT to the node process, SIGTERM after 7.5 s and the end 2.5 s later (trap 37).
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
 */
const UNTIL_TERM_MS = 7_500
const UNTIL_KILL_MS = 2_500

/** What is left of the last 2.5 s when the process ends by itself, to end before it is killed. */
const MARGIN_MS = 500

/** Where signals arrive: the process. */
export interface Signalled {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  exit(code: number): unknown
}

export interface CancellationListener {
  readonly process: Signalled
  readonly say: (line: string) => void
  /** Told when the time is nearly over: says where traffic stands and writes what is still unwritten. At most 2 s. */
  readonly lastWords: () => Promise<void>
}

export interface Cancellation {
  /** Aborts when the job is cancelled. */
  readonly signal: AbortSignal
  /** Listens no more. */
  dispose(): void
}

/** Turns the cancellation of a job into a signal that everything at work listens to. */
export function listenForCancellation({ process, say, lastWords }: CancellationListener): Cancellation {
  const controller = new AbortController()
  let ending: NodeJS.Timeout | undefined

  const cancel = (): void => {
    if (controller.signal.aborted) return
    say(
      `The job is cancelled. Bringing traffic into a stated position; there are ${formatDuration(UNTIL_TERM_MS)} for it.`,
    )
    controller.abort()
  }
  const terminate = (): void => {
    if (ending !== undefined) return
    controller.abort()
    // Going back may still be confirmed in these two seconds, so the end is not brought forward.
    ending = setTimeout(() => process.exit(1), UNTIL_KILL_MS - MARGIN_MS).unref()
    lastWords().catch((thrown: unknown) => say(`The last words failed: ${messageOf(thrown)}`))
  }
  process.on('SIGINT', cancel)
  process.on('SIGTERM', terminate)
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(ending)
      process.off('SIGINT', cancel)
      process.off('SIGTERM', terminate)
    },
  }
}
