import { readFileSync } from 'node:fs'
import type { Place } from '../../../rollout/place.js'
import { isMissing, writeWhole } from '../state-directory.js'
import type { ProcessStart } from './process-identity.js'

/** A process that we started, as a later life of the supervisor must recognise it. */
export interface ProcessRecord {
  readonly pid: number
  readonly start: ProcessStart
  readonly place: Place
  readonly attempt: string
  /** Which of the attempt's replicas it is, from 1. */
  readonly replica: number
  /** How many processes this replica had before. */
  readonly restarts: number
  readonly port: number
  readonly graceMs: number
}

/** Which processes are ours, on disk: written at once when one starts or ends. */
export class ProcessTable {
  readonly #path: string
  #records: ProcessRecord[]
  #letGo = false

  constructor(path: string) {
    this.#path = path
    this.#records = read(path)
  }

  get records(): readonly ProcessRecord[] {
    return this.#records
  }

  /** From now on nothing is written: the file belongs to another supervisor, or is gone. */
  letGo(): void {
    this.#letGo = true
  }

  add(record: ProcessRecord): void {
    this.#write([...this.#records, record])
  }

  remove(pid: number): void {
    if (this.#records.some((record) => record.pid === pid)) {
      this.#write(this.#records.filter((record) => record.pid !== pid))
    }
  }

  #write(records: ProcessRecord[]): void {
    this.#records = records
    if (!this.#letGo) writeWhole(this.#path, JSON.stringify(records))
  }
}

function read(path: string): ProcessRecord[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessRecord[]
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
