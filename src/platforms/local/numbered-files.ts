import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { errorCode, isMissing } from './state-directory.js'

/** Former versions that are kept. They also keep a writer that slept for long from filling a gap (see `append`). */
const KEEP = 20

/** One version of a document. */
export interface Numbered {
  readonly number: number
  readonly text: string
}

/**
 * A document as a row of numbered files, `<name>.<n>.json`; the highest number is what holds. A new one is written aside,
 * synced, and given its number by link(2), which fails if that number exists: compare-and-swap between processes
 * without a lock that a kill could leave behind. Works on every local file system, not on all network ones.
 */
export class NumberedFiles {
  readonly #directory: string
  readonly #name: string

  constructor(directory: string, name: string) {
    this.#directory = directory
    this.#name = name
  }

  /** The version that holds; undefined if there is none. */
  latest(): Numbered | undefined {
    for (;;) {
      const number = this.#numbers()[0]
      if (number === undefined) return undefined
      try {
        return { number, text: readFileSync(this.#path(number), 'utf8') }
      } catch (error) {
        // Overtaken by twenty writers between the two calls; or the file itself cannot be read.
        if (!isMissing(error)) throw error
      }
    }
  }

  /**
   * Writes the version after `after` (0: the first one), durably.
   * @returns its number, or undefined if `after` is not the latest any more; then nothing was written.
   */
  append(text: string, after: number): number | undefined {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    if ((this.#numbers()[0] ?? 0) !== after) return undefined
    const next = after + 1
    const unfinished = join(
      this.#directory,
      `.${this.#name}.${process.pid}.${Math.random().toString(36).slice(2)}`,
    )
    try {
      writeSynced(unfinished, text)
      linkSync(unfinished, this.#path(next))
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return undefined
      throw error
    } finally {
      rmSync(unfinished, { force: true })
    }
    const highest = this.#numbers()[0] ?? next
    if (highest - next >= KEEP) {
      // We slept between look and link, others wrote on, and our number was free again because it had been pruned.
      rmSync(this.#path(next), { force: true })
      return undefined
    }
    syncFolder(this.#directory)
    this.#prune(highest)
    return next
  }

  #prune(highest: number): void {
    for (const number of this.#numbers()) {
      if (number <= highest - KEEP) rmSync(this.#path(number), { force: true })
    }
    for (const name of readdirSync(this.#directory)) {
      if (name.startsWith(`.${this.#name}.`)) removeIfAbandoned(join(this.#directory, name))
    }
  }

  /** Highest first. */
  #numbers(): number[] {
    let names: string[]
    try {
      names = readdirSync(this.#directory)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
    const numbers = names.flatMap((name) => {
      const digits = /^(.*)\.(\d+)\.json$/.exec(name)
      return digits?.[1] === this.#name ? [Number(digits[2])] : []
    })
    return numbers.sort((one, other) => other - one)
  }

  #path(number: number): string {
    return join(this.#directory, `${this.#name}.${number}.json`)
  }
}

/** What a killed writer left: nobody writes one file for ten minutes. */
function removeIfAbandoned(unfinished: string): void {
  const written = statSync(unfinished, { throwIfNoEntry: false })?.mtimeMs
  if (written !== undefined && Date.now() - written > 600_000) rmSync(unfinished, { force: true })
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The name is as durable as its folder: without this a power cut could lose the link. */
function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
