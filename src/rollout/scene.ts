import type { Owner } from './ledger/ledger.js'
import type { Policy } from './policy.js'
import type { Clock } from './ports/clock.js'
import type { Bake, Judge } from './ports/judge.js'
import type { LedgerStore } from './ports/ledger-store.js'
import type { MetricSource } from './ports/metric-source.js'
import type { Narrator } from './ports/narrator.js'
import type { Platform } from './ports/platform.js'
import type { Router } from './ports/router.js'
import type { SchemaGate } from './ports/schema-gate.js'
import type { Witness } from './ports/witness.js'

/** Who acts: a step of a job of a run. */
export interface Actor extends Owner {
  readonly job: string
}

/** The part of an actor that is recorded: any job of the run may go on with its rollout. */
export function ownerOf({ repository, run, attempt, url }: Actor): Owner {
  return { repository, run, attempt, ...(url !== undefined && { url }) }
}

/** Everything that one step works with. The core has no other way to the world. */
export interface Scene {
  readonly service: string
  readonly environment: string
  /** What the step is called in messages and in the lease: `canary-step`. */
  readonly step: string
  readonly actor: Actor
  /** The rollout that this step was handed, if it was. */
  readonly state: string | undefined
  readonly platform: Platform
  /** Absent for strategies that update in place. */
  readonly router: Router | undefined
  readonly ledgers: LedgerStore
  readonly metrics: MetricSource | undefined
  /** Absent where the public address cannot be asked. */
  readonly witness: Witness | undefined
  readonly schema: SchemaGate | undefined
  /** Begins an analysis; a judge that is loaded when it is needed begins it a moment later. */
  judge(...of: Parameters<Judge>): Bake | Promise<Bake>
  readonly clock: Clock
  readonly narrator: Narrator
  readonly policy: Policy
  /** Aborts when the job is cancelled. */
  readonly signal: AbortSignal
  /** A new random id in plain characters `[a-z0-9]`, at least 128 bits. */
  randomId(): string
}
