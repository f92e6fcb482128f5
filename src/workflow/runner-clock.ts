import type { Clock } from '../rollout/ports/clock.js'

/** The clock of the machine that the step runs on. */
export const RUNNER_CLOCK: Clock = {
  // Not performance.now(): the first use of `performance` costs each step 2 ms of CPU.
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  wallTime: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const over = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', over)
        resolve()
      }
      const timer = setTimeout(over, Math.max(0, ms))
      signal?.addEventListener('abort', over, { once: true })
    }),
}
