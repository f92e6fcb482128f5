/** Where something stands in a file. Both count from 1, columns in characters as editors count them. */
export interface Position {
  readonly line: number
  readonly column: number
}

/**
 * Finds line and column of many places of one text. PostgreSQL's parser counts UTF-8 bytes; an editor counts
 * characters.
 */
export class Positions {
  readonly #bytes: Buffer
  /** Offset of the first byte of each line. */
  readonly #starts: readonly number[]

  constructor(text: string) {
    this.#bytes = Buffer.from(text, 'utf8')
    const starts = [0]
    for (let end = this.#bytes.indexOf(0x0a); end !== -1; end = this.#bytes.indexOf(0x0a, end + 1))
      starts.push(end + 1)
    this.#starts = starts
  }

  at(byteOffset: number): Position {
    let [low, high] = [0, this.#starts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#starts[middle] ?? 0) <= byteOffset) low = middle
      else high = middle - 1
    }
    const before = this.text(this.#starts[low] ?? 0, byteOffset - (this.#starts[low] ?? 0))
    return { line: low + 1, column: [...before].length + 1 }
  }

  text(byteOffset: number, byteLength: number): string {
    return this.#bytes.subarray(byteOffset, byteOffset + byteLength).toString('utf8')
  }

  /** Where the first thing that is no blank stands in a line. */
  firstIn(line: number): Position {
    const start = this.#starts[line - 1] ?? 0
    const text = this.text(start, (this.#starts[line] ?? this.#bytes.length) - start)
    return { line, column: text.length - text.trimStart().length + 1 }
  }

  get byteLength(): number {
    return this.#bytes.length
  }
}
