/** How long one incident of stable may last that must not decide how noisy it is, in milliseconds. Two adjacent blocks always. */
const INCIDENT_MS = 60_000
/** Fewer differences than this beside the stretch say too little of the rest. */
const FEWEST_LEFT = 20

/** A block of stable, and how it differs from the one before. */
export interface Step<Sums> {
  readonly fromMs: number
  /** The squared difference to the block before. */
  readonly squares: number
  /** The mean of 1/n of both. */
  readonly spread: number
  /** What was counted in the block. */
  readonly sums: Sums
}

/** Several of them. */
export interface Stretch<Sums> {
  readonly differences: number
  readonly squares: number
  readonly spread: number
  readonly sums: Sums
}

/**
 * The stretch of stable's blocks that one incident may have made: of all that last a minute, or two blocks where they are long, the
 * one with the largest sum of squared differences. It holds the differences by which it is entered and left too, so that nothing of an
 * incident remains beside it.
 */
export class WorstStretch<Sums> {
  readonly #plus: (one: Sums, other: Sums) => Sums
  #newest: readonly Step<Sums>[] = []
  #worst: Stretch<Sums> | undefined
  #steps = 0

  constructor(plus: (one: Sums, other: Sums) => Sums) {
    this.#plus = plus
  }

  /** Undefined while too little is known beside it: then what is known must do. */
  get leftOut(): Stretch<Sums> | undefined {
    const worst = this.#worst
    return worst !== undefined && this.#steps - worst.differences >= FEWEST_LEFT ? worst : undefined
  }

  add(step: Step<Sums>): void {
    this.#steps += 1
    // The newest block only ends the stretch: those before it are what an incident may have touched.
    const last = this.#newest.at(-1)?.fromMs ?? step.fromMs
    const keeps = (one: Step<Sums>, at: number) =>
      this.#newest.length - at <= 2 || last - one.fromMs < INCIDENT_MS
    this.#newest = [...this.#newest.filter(keeps), step]
    const squares = this.#newest.reduce((sum, one) => sum + one.squares, 0)
    if (this.#worst === undefined || squares >= this.#worst.squares) this.#worst = this.#summed()
  }

  #summed(): Stretch<Sums> | undefined {
    const [first, ...others] = this.#newest
    if (first === undefined) return undefined
    return others.reduce<Stretch<Sums>>(
      (sum, one) => ({
        differences: sum.differences + 1,
        squares: sum.squares + one.squares,
        spread: sum.spread + one.spread,
        sums: this.#plus(sum.sums, one.sums),
      }),
      { differences: 1, squares: first.squares, spread: first.spread, sums: first.sums },
    )
  }
}
