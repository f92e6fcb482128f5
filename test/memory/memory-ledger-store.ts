import { LedgerConflict, type LedgerReading, type LedgerStore } from '../../src/rollout/ports/ledger-store.js'

/** A ledger in memory, with compare-and-swap. */
export class MemoryLedgerStore implements LedgerStore {
  readonly address = 'memory'
  text: string | undefined
  writes = 0

  async read(): Promise<LedgerReading> {
    return { text: this.text, revision: this.text === undefined ? null : String(this.writes) }
  }

  async write(text: string, ifMatch: string | null): Promise<string> {
    const now = this.text === undefined ? null : String(this.writes)
    if (ifMatch !== now) throw new LedgerConflict()
    this.text = text
    this.writes++
    return String(this.writes)
  }
}
