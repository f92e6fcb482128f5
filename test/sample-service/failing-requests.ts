/**
 * Which requests fail. Without a seed exactly the share of them: with 0.05 the 20th, the 40th and so on. With a seed
 * a draw for each, the same for every run.
 */
export function failingRequests(): (share: number, seed: number | undefined) => boolean {
  let owed = 0
  let state: number | undefined
  return (share, seed) => {
    if (seed !== undefined) {
      state ??= seed >>> 0
      state = (state + 0x6d2b79f5) >>> 0
      return draw(state) < share
    }
    owed += share
    // Adding 0.05 twenty times gives a little less than 1.
    if (owed < 1 - 1e-9) return false
    owed -= 1
    return true
  }
}

/** The mixing step of mulberry32 (Tommy Ettinger): a number from 0 up to 1. */
function draw(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}
