/** A complete answer. Header names are in lower case; of a name that comes twice all values are kept. */
export type Response = {
  status: number
  headers: Map<string, string[]>
  body: string
  /** Whether the connection may carry another request. */
  keep: boolean
}

type Head = Omit<Response, 'body'> & { length: number | 'chunked' | 'until-close' }

/**
 * Reads one HTTP/1.1 response (RFC 9112) from what a connection brings, and nothing more: no redirects, no
 * decompression. A few times lighter than node:http's client, which on a machine with two cores would take them from the
 * router that is measured.
 */
export class ResponseReader {
  #pending: Buffer = Buffer.alloc(0)
  #head: Head | undefined
  #body: Buffer[] = []
  #bodyBytes = 0

  /** Whether anything has come. */
  get begun(): boolean {
    return this.#head !== undefined || this.#pending.length > 0
  }

  /**
   * @returns the response if it is complete now.
   * @throws an Error if it is not HTTP, or more came than belongs to the response.
   */
  push(piece: Buffer): Response | undefined {
    this.#pending = this.#pending.length === 0 ? piece : Buffer.concat([this.#pending, piece])
    while (this.#head === undefined) {
      const end = this.#pending.indexOf('\r\n\r\n')
      if (end < 0) return undefined
      const head = readHead(this.#pending.toString('latin1', 0, end))
      this.#pending = this.#pending.subarray(end + 4)
      // Interim responses (RFC 9110, 15.2) come before the one that counts.
      if (head.status >= 200) this.#head = head
    }
    if (this.#head.length === 'chunked') return this.#readChunks() ? this.#complete(this.#head) : undefined
    this.#take(this.#pending.length)
    if (this.#head.length === 'until-close' || this.#bodyBytes < this.#head.length) return undefined
    if (this.#bodyBytes > this.#head.length) throw new Error('more came than was announced')
    return this.#complete(this.#head)
  }

  /** The connection has ended: @returns the response if that is what completes it. */
  end(): Response | undefined {
    return this.#head?.length === 'until-close' ? this.#complete(this.#head) : undefined
  }

  #take(bytes: number): void {
    this.#body.push(this.#pending.subarray(0, bytes))
    this.#bodyBytes += bytes
    this.#pending = this.#pending.subarray(bytes)
  }

  /** @returns whether the last chunk was read (RFC 9112, 7.1). */
  #readChunks(): boolean {
    for (;;) {
      const lineEnd = this.#pending.indexOf('\r\n')
      if (lineEnd < 0) return false
      const size = this.#pending.toString('latin1', 0, lineEnd).split(';')[0]?.trim() ?? ''
      if (!/^[0-9a-f]{1,8}$/i.test(size)) throw new Error(`"${size}" is not the size of a chunk`)
      const bytes = parseInt(size, 16)
      if (bytes === 0) {
        const trailers = this.#pending.indexOf('\r\n\r\n', lineEnd)
        if (trailers < 0) return false
        if (this.#pending.length > trailers + 4) throw new Error('more came than was announced')
        return true
      }
      if (this.#pending.length < lineEnd + 2 + bytes + 2) return false
      this.#pending = this.#pending.subarray(lineEnd + 2)
      this.#take(bytes)
      this.#pending = this.#pending.subarray(2)
    }
  }

  #complete({ status, headers, keep }: Head): Response {
    return { status, headers, keep, body: Buffer.concat(this.#body).toString('utf8') }
  }
}

function readHead(text: string): Head {
  const lines = text.split('\r\n')
  const status = /^HTTP\/1\.([01]) (\d{3})/.exec(lines[0] ?? '')
  if (status === null) throw new Error(`"${(lines[0] ?? '').slice(0, 40)}" does not begin an HTTP response`)
  const headers = new Map<string, string[]>()
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const values = headers.get(name)
    const value = line.slice(colon + 1).trim()
    if (values === undefined) headers.set(name, [value])
    else values.push(value)
  }
  const connection = headers.get('connection')?.join().toLowerCase() ?? ''
  const keep = status[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive')
  const code = Number(status[2])
  const length = lengthOf(code, headers)
  return { status: code, headers, keep: keep && length !== 'until-close', length }
}

function lengthOf(status: number, headers: Map<string, string[]>): Head['length'] {
  if (status === 204 || status === 304) return 0
  if (headers.get('transfer-encoding')?.join().toLowerCase().includes('chunked')) return 'chunked'
  const length = headers.get('content-length')?.[0]
  if (length === undefined) return 'until-close'
  if (!/^\d+$/.test(length)) throw new Error(`"${length}" is not a length`)
  return Number(length)
}
