/** How time passes for an adapter under test: really, or on a clock of its own. */
export interface Passing {
  /** Lets this much time pass for the adapter. */
  pass(ms: number): Promise<void>
}

const STEP_MS = 25

/** Time that really passes. */
export const realTime: Passing = {
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}

/** Looks until what is seen is accepted, and fails with what was seen last when the time is over. */
export async function until<T>(
  time: Passing,
  limitMs: number,
  look: () => Promise<T> | T,
  accepted: (seen: T) => boolean,
): Promise<T> {
  for (let passedMs = 0; ; passedMs += STEP_MS) {
    const seen = await look()
    if (accepted(seen)) return seen
    if (passedMs > limitMs) throw new Error(`after ${limitMs} ms still ${JSON.stringify(seen)}`)
    await time.pass(STEP_MS)
  }
}

/** Waits for something that only happens while time passes. */
export async function meanwhile<T>(time: Passing, limitMs: number, promise: Promise<T>): Promise<T> {
  let done = false
  const settled = promise.finally(() => {
    done = true
  })
  settled.catch(() => undefined)
  await until(
    time,
    limitMs,
    () => done,
    (over) => over,
  )
  return settled
}
