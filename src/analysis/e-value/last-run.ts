/** When a block was counted, in milliseconds. */
export interface When {
  readonly fromMs: number
  readonly toMs: number
  /** For how long the candidate had been observed when the block began. */
  readonly observedMs: number
}

/** More blocks than this are not one outage, however short they are. */
const MOST_BLOCKS = 600

/**
 * Whether one outage may touch both of two blocks and all between: neighbours always, others where less than the outage lies between them.
 * With blocks as long as the outage, or longer, that is two adjacent blocks; with ten in it, eleven.
 */
export function mayTouch(outageMs: number, first: When, last: When, between: number): boolean {
  return between === 0 || (between <= MOST_BLOCKS - 2 && last.fromMs - first.toMs < outageMs)
}

/** The newest blocks that one outage may touch, for each alternative: what the best run of them brings that ends with the newest. */
export class LastRun {
  readonly #alternatives: number
  readonly #outageMs: number
  #blocks: { readonly when: When; readonly logs: readonly number[] }[] = []
  #best: Float64Array = new Float64Array(0)

  constructor(alternatives: number, outageMs: number) {
    this.#alternatives = alternatives
    this.#outageMs = outageMs
  }

  /** How many blocks one outage that reaches the newest may touch. */
  get length(): number {
    return this.#blocks.length
  }

  add(logs: readonly number[], when: When): void {
    const earlier = this.#blocks.length
    const from = this.#blocks.findIndex((block, at) =>
      mayTouch(this.#outageMs, block.when, when, earlier - 1 - at),
    )
    this.#blocks = [...(from < 0 ? [] : this.#blocks.slice(from)), { when, logs }]
    this.#sumUp()
  }

  /** The largest sum of at most so many of the newest blocks, all in a row, or 0. */
  best(alternative: number, blocks: number): number {
    const length = Math.min(blocks, this.#blocks.length)
    return this.#best[length * this.#alternatives + alternative] ?? 0
  }

  #sumUp(): void {
    const [alternatives, length] = [this.#alternatives, this.#blocks.length]
    this.#best = new Float64Array((length + 1) * alternatives)
    for (let i = 0; i < alternatives; i++) {
      let sum = 0
      for (let run = 1; run <= length; run++) {
        sum += this.#blocks[length - run]?.logs[i] ?? 0
        const shorter = this.#best[(run - 1) * alternatives + i] ?? 0
        this.#best[run * alternatives + i] = Math.max(shorter, sum)
      }
    }
  }
}
