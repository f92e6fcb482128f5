import type { AnalysisPolicy } from '../policy.js'
import type { Block } from '../ports/judge.js'
import type { MetricSource } from '../ports/metric-source.js'
import type { Session } from '../session.js'
import type { SourceAnswer } from './source-answer.js'
import { stableHistory } from './stable-history.js'

/** What is known before the first look of a hold: what earlier steps have seen, else what stable did before the rollout. */
export class EarlierBlocks {
  readonly #session: Session
  readonly #source: MetricSource | undefined
  #blocks: readonly Block[]
  #unknown: string | undefined
  #told = false

  constructor(session: Session, source: MetricSource | undefined) {
    this.#session = session
    this.#source = source
    this.#blocks = session.rollout?.blocks ?? []
  }

  get blocks(): readonly Block[] {
    return this.#blocks
  }

  /** Why it could not be found out what stable did before; undefined where that is known, or not to be known. */
  get unknown(): string | undefined {
    return this.#unknown
  }

  /** Whether there is a record of stable to compare with. */
  get speakOfStable(): boolean {
    return this.#blocks.some(({ metrics }) =>
      Object.values(metrics).some(({ stable }) => stable !== undefined),
    )
  }

  /**
   * Asks the source for stable's past where no step has seen anything yet. That it cannot tell is said once.
   *
   * @param until until when counts are complete, in the source's time
   */
  async lookBack(analysis: AnalysisPolicy, until: SourceAnswer<number>): Promise<void> {
    const { ledger } = this.#session
    if (this.#blocks.length > 0 || this.#source === undefined || ledger.stable === undefined) return
    const past =
      until.kind === 'told'
        ? await stableHistory(this.#session, this.#source, analysis, until.told)
        : { blocks: [], unknown: until.why }
    this.#blocks = past.blocks
    this.#unknown = past.unknown
    if (past.unknown === undefined || this.#told) return
    this.#told = true
    this.#session.scene.narrator.say(`What stable did before the rollout is not known: ${past.unknown}`)
  }
}
