/** The log of the ratio that excludes a share at 99.9 %. */
export const EXCLUSION = Math.log(1000)
/** Answers after which a sample that decides nothing is given up and a new one begins, at least. */
const SAMPLE_LIMIT = 4_000
/** Answers of the candidate in which half and double are told apart in more than 99 of 100 samples. */
const TELLING_ANSWERS = 150

/** Answers in which a share, more than 0 and less than 1, is confirmed in more than 99 of 100 samples, if it is so. */
export function answersToConfirm(share: number): number {
  return Math.ceil(TELLING_ANSWERS / share)
}

export type ShareFinding = 'confirmed' | 'missed' | 'open'

/**
 * A sequential test of a share by real answers: Wald's likelihood ratio of the wanted share against half and
 * against double of it. A ratio that ever reaches 1,000 excludes the other at 99.9 %, however often one looks
 * (Ville's inequality), so asking may stop at the first moment that suffices.
 */
export class ShareTest {
  readonly wanted: number
  answers = 0
  candidate = 0
  readonly #exclusion: number
  readonly #sampleLimit: number
  readonly #half: Evidence
  readonly #double: Evidence

  /**
   * @param wanted share of the candidate, more than 0 and less than 1
   * @param sample which sample this is, from 1. Each asks for more than the one before, 1,000 · k · (k + 1), so that
   * all samples together, however many, confirm half or double in at most one of 1,000 cases
   */
  constructor(wanted: number, sample = 1) {
    this.wanted = wanted
    this.#exclusion = EXCLUSION + Math.log(sample * (sample + 1))
    this.#sampleLimit = Math.max(SAMPLE_LIMIT, answersToConfirm(wanted))
    this.#half = evidence(wanted, wanted / 2)
    this.#double = evidence(wanted, Math.min(1, wanted * 2))
  }

  add(answeredByCandidate: boolean): ShareFinding {
    this.answers++
    if (answeredByCandidate) this.candidate++
    const half = this.#logRatio(this.#half)
    const double = this.#logRatio(this.#double)
    if (half >= this.#exclusion && double >= this.#exclusion) return 'confirmed'
    if (half <= -EXCLUSION || double <= -EXCLUSION || this.answers >= this.#sampleLimit) return 'missed'
    return 'open'
  }

  get share(): number {
    return this.answers === 0 ? 0 : this.candidate / this.answers
  }

  #logRatio({ candidate, other }: Evidence): number {
    const others = this.answers - this.candidate
    return this.candidate * candidate + (others === 0 ? 0 : others * other)
  }
}

/** By how much one answer of either side speaks for one share and against another, as the log of their ratio. */
interface Evidence {
  readonly candidate: number
  readonly other: number
}

/** Against a share of 1, a single answer of the other side decides: its evidence is infinite. */
function evidence(wanted: number, against: number): Evidence {
  return { candidate: Math.log(wanted / against), other: Math.log((1 - wanted) / (1 - against)) }
}
