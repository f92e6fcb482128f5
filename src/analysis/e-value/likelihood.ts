import type { Counts } from './closest-null.js'

const { log } = Math

/** ln of how much likelier counts are under one share than under another. Not `log`s of zero for what did not happen. */
export function logLikelihoodRatio({ requests, bad }: Counts, guess: number, held: number): number {
  return times(bad, log(guess / held)) + times(requests - bad, log((1 - guess) / (1 - held)))
}

/** ln of the likelihood of counts under a share, but for the binomial coefficient. */
export function logLikelihood({ requests, bad }: Counts, share: number): number {
  return times(bad, log(share)) + times(requests - bad, log(1 - share))
}

/** 0 · ∞ is nothing here: what did not happen is no evidence. */
function times(count: number, log: number): number {
  return count === 0 ? 0 : count * log
}
