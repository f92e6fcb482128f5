import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** A log is cut when it is larger than this. */
const LIMIT_BYTES = 1024 * 1024
/** What is kept of it then, and what `tail` looks at. */
const KEEP_BYTES = 64 * 1024
const LINE_LIMIT = 2_000

/**
 * A log file that a process appends to directly, and that is cut from time to time. A file and not a pipe: a pipe
 * would break when the supervisor is killed and take the service down with it, and reading it would cost
 * the process that forwards requests.
 */
export class BoundedLog {
  /** Opened for appending, so that writers go on at the new end when it is cut. */
  readonly descriptor: number

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    this.descriptor = openSync(path, 'a+', 0o600)
  }

  /** Adds a line of our own. */
  note(line: string): void {
    writeSync(this.descriptor, `[tuesday] ${line}\n`)
  }

  /** Keeps the end of a log that has grown too large. Called every second or so. */
  cut(): void {
    if (fstatSync(this.descriptor).size <= LIMIT_BYTES) return
    const end = this.#end()
    ftruncateSync(this.descriptor, 0)
    writeSync(this.descriptor, end)
  }

  /** The last lines, oldest first. */
  tail(lines: number): string[] {
    const all = this.#end().toString('utf8').split('\n')
    if (all.at(-1) === '') all.pop()
    return all
      .slice(-lines)
      .map((line) => (line.length > LINE_LIMIT ? `${line.slice(0, LINE_LIMIT)}…` : line))
  }

  close(): void {
    closeSync(this.descriptor)
  }

  #end(): Buffer {
    const { size } = fstatSync(this.descriptor)
    const from = Math.max(0, size - KEEP_BYTES)
    const bytes = Buffer.alloc(size - from)
    const read = readSync(this.descriptor, bytes, 0, bytes.length, from)
    const found = bytes.subarray(0, read)
    // The first line is a part of one, unless the log began there.
    return from === 0 ? found : found.subarray(found.indexOf(10) + 1)
  }
}
