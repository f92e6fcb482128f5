import {
  LedgerConflict,
  type LedgerReading,
  type LedgerRevision,
  type LedgerStore,
} from '../../rollout/ports/ledger-store.js'
import { NumberedFiles } from './numbered-files.js'
import { StateDirectory } from './state-directory.js'

/** The ledger of a service that runs on this machine: numbered files in its state directory. */
export class FileLedgerStore implements LedgerStore {
  readonly address: string
  readonly #directory: StateDirectory
  readonly #files: NumberedFiles

  /** `directory`: the state directory of the service, absolute. Created by the first write. */
  constructor(directory: string) {
    this.address = `file ${directory}/ledger.*.json`
    this.#directory = new StateDirectory(directory)
    this.#files = new NumberedFiles(directory, 'ledger')
  }

  async read(): Promise<LedgerReading> {
    const latest = this.#files.latest()
    return latest === undefined
      ? { text: undefined, revision: null, now: new Date() }
      : { text: latest.text, revision: String(latest.number), now: new Date() }
  }

  async write(text: string, ifMatch: LedgerRevision | null): Promise<LedgerRevision> {
    this.#directory.prepare()
    const number = this.#files.append(text, ifMatch === null ? 0 : Number(ifMatch))
    if (number === undefined) {
      throw new LedgerConflict(`the ledger (${this.address}) was written by somebody else in the meantime`)
    }
    return String(number)
  }
}
