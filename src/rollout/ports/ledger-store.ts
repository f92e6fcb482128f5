/** Names one written state of the ledger; opaque (a resourceVersion, an ETag, a commit). */
export type LedgerRevision = string

/** Somebody else wrote the ledger between our read and our write: nothing was written. */
export class LedgerConflict extends Error {
  constructor(message = 'the ledger was changed by somebody else in the meantime') {
    super(message)
    this.name = 'LedgerConflict'
  }
}

export interface LedgerReading {
  /** The document as it was written; undefined when none was ever written. */
  readonly text: string | undefined
  /** `null` when there is none. */
  readonly revision: LedgerRevision | null
  /** The target's own time, where it tells one. */
  readonly now?: Date
}

/**
 * Where the ledger of one service in one environment is kept. One document, compare-and-swap.
 * Both calls may throw TransientError.
 */
export interface LedgerStore {
  /** Where that is, for messages: `ConfigMap shop/tuesday-shop`, `file …`. No secrets. */
  readonly address: string
  read(): Promise<LedgerReading>
  /**
   * Writes if the ledger is still at `ifMatch` (`null`: if there is none), durably, before it resolves.
   * @throws LedgerConflict if it is not; then nothing was written.
   */
  write(text: string, ifMatch: LedgerRevision | null): Promise<LedgerRevision>
}
