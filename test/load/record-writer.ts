import { createWriteStream } from 'node:fs'
import type { WriteStream } from 'node:fs'
import { rowLine } from './record.ts'
import type { Happening, Header, Row } from './record.ts'

/** Writes the record a few times a second, without making a request wait for the disk. */
export class RecordWriter {
  #stream: WriteStream
  #lines: string[] = []
  #timer: NodeJS.Timeout
  #rows = 0

  constructor(path: string, header: Header) {
    this.#stream = createWriteStream(path)
    this.#lines.push(JSON.stringify(header))
    this.#timer = setInterval(() => this.#flush(), 250)
  }

  row(row: Row): void {
    this.#rows += 1
    this.#lines.push(rowLine(row))
  }

  happening(happening: Happening): void {
    this.#lines.push(JSON.stringify(happening))
  }

  async end(at: number): Promise<void> {
    clearInterval(this.#timer)
    this.happening({ event: 'end', at, rows: this.#rows })
    this.#flush()
    await new Promise<void>((resolve, reject) => {
      this.#stream.on('error', reject)
      this.#stream.end(resolve)
    })
  }

  #flush(): void {
    if (this.#lines.length === 0) return
    this.#stream.write(`${this.#lines.join('\n')}\n`)
    this.#lines = []
  }
}
