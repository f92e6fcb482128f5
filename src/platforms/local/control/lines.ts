import { LINE_LIMIT } from './protocol.js'

/** Cuts a stream of bytes into lines. Characters that arrive in two pieces stay whole. */
export class LineReader {
  readonly #decoder = new TextDecoder()
  readonly #take: (line: string) => void
  #rest = ''

  constructor(take: (line: string) => void) {
    this.#take = take
  }

  /** @throws Error for a line that grows beyond the limit of the protocol. */
  push(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n')
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length > LINE_LIMIT)
      throw new Error(`a line of more than ${LINE_LIMIT} bytes was received`)
    for (const line of lines) if (line !== '') this.#take(line)
  }
}
