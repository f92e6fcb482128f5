import { Cancelled, Displaced } from './interruption.js'
import {
  candidateOf,
  isOwnedBy,
  type Candidate,
  type Ledger,
  type Lease,
  type OpenRollout,
} from './ledger/ledger.js'
import { boundedBlocks } from './evidence/evidence-limit.js'
import { DamagedLedger, emptyLedger, parseLedger, serializeLedger } from './ledger/ledger-format.js'
import type { Block } from './ports/judge.js'
import { LedgerConflict, type LedgerRevision } from './ports/ledger-store.js'
import { ownerOf, type Scene } from './scene.js'
import { withEntry, type TimelineEntry } from './timeline.js'
import { UserError } from './user-error.js'

/** Conflicts in a row after which something is wrong with the store and not with our luck. */
const CONFLICT_LIMIT = 20

/**
 * One step's hold on the ledger: what it read, the lease that it took, and every write it makes. A write is
 * refused as soon as the lease is somebody else's.
 */
export class Session {
  readonly scene: Scene
  /** The version that a deploy is about: a closed rollout of another one is none of its business. */
  about: string | undefined
  #holder: string | undefined
  #ledger: Ledger | undefined
  #revision: LedgerRevision | null
  #nowOffsetMs: number
  #held = false
  #evidence:
    { readonly of: string | undefined; readonly blocks: () => readonly Block[] | undefined } | undefined
  #displaced: Lease | undefined
  #renewedAtMs = 0
  #signal: AbortSignal

  private constructor(
    scene: Scene,
    ledger: Ledger | undefined,
    revision: LedgerRevision | null,
    offsetMs: number,
  ) {
    this.scene = scene
    this.#ledger = ledger
    this.#revision = revision
    this.#nowOffsetMs = offsetMs
    this.#signal = scene.signal
  }

  /** Reads the ledger and changes nothing. */
  static async open(scene: Scene): Promise<Session> {
    const session = new Session(scene, undefined, null, 0)
    await session.refresh()
    return session
  }

  /** Reads the ledger again. */
  async refresh(): Promise<void> {
    const { ledgers, clock } = this.scene
    const reading = await ledgers.read()
    this.#revision = reading.revision
    this.#ledger = reading.text === undefined ? undefined : this.#parse(reading.text)
    this.#nowOffsetMs = reading.now === undefined ? 0 : reading.now.getTime() - clock.wallTime().getTime()
  }

  /** A ledger that cannot be read stops everything, unless the user has said `adopt: true`: then it is written anew. */
  #parse(text: string): Ledger | undefined {
    const { ledgers, policy, narrator } = this.scene
    try {
      return this.#ofThisService(parseLedger(text, ledgers.address))
    } catch (thrown) {
      if (!policy.adopt || !(thrown instanceof DamagedLedger)) throw thrown
      narrator.warn(`${thrown.message}. It is written anew from what serves now (adopt: true).`)
      return undefined
    }
  }

  /** Two services may meet at one address: `shop-eu` in `prod`, and `shop` in `eu-prod`. Neither touches the other's. */
  #ofThisService(ledger: Ledger): Ledger {
    const { service, environment, ledgers, policy } = this.scene
    if (ledger.service === service && ledger.environment === environment) return ledger
    if (policy.adopt) return { ...ledger, service, environment }
    throw new UserError(
      `the ledger at ${ledgers.address} is that of ${ledger.service} in ${ledger.environment}, not of ${service} in ${environment}`,
      {
        hint: 'Keep each service’s state at a place of its own. If it was renamed, say `adopt: true` in deploy once. Nothing was changed.',
      },
    )
  }

  /** Random id of this step's process, made when it is needed first. */
  get holder(): string {
    this.#holder ??= this.scene.randomId()
    return this.#holder
  }

  get known(): Ledger | undefined {
    return this.#ledger
  }

  /** The ledger as it was last read or written; an empty one if there is none yet. */
  get ledger(): Ledger {
    const { service, environment, actor } = this.scene
    return this.#ledger ?? emptyLedger({ service, environment, repository: actor.repository })
  }

  get rollout(): OpenRollout | undefined {
    return this.#ledger?.rollout
  }

  /** What the open rollout puts on trial; undefined if none is open, or only reserved. */
  get candidate(): Candidate | undefined {
    return candidateOf(this.rollout)
  }

  /** Now, in the time of the ledger's target where it tells one. */
  now(): Date {
    return new Date(this.scene.clock.wallTime().getTime() + this.#nowOffsetMs)
  }

  /** Aborts when the job is cancelled, until `outliveCancellation`. */
  get signal(): AbortSignal {
    return this.#signal
  }

  /** From here on the step finishes what it does although the job was cancelled: the way back is never cut short. */
  outliveCancellation(): void {
    this.#signal = new AbortController().signal
  }

  /** Whether this step holds the lease. */
  get held(): boolean {
    return this.#held
  }

  /**
   * Takes the lease, and with it makes a first change, in one write.
   * @throws LedgerConflict if somebody wrote since we read: the caller decides anew.
   */
  async take(change: (ledger: Ledger) => Ledger = (ledger) => ledger): Promise<void> {
    if (!this.#held) this.#displaced = this.ledger.lease
    await this.#write((ledger) => ({ ...this.#workedOnHere(change(ledger)), lease: this.#lease() }))
    this.#held = true
  }

  /** An own rollout remembers which job works on it: only that job may undo a promotion by failing. */
  #workedOnHere(ledger: Ledger): Ledger {
    const { actor, state } = this.scene
    const { rollout } = ledger
    if (rollout === undefined || !(isOwnedBy(rollout.owner, actor) || rollout.id === state)) return ledger
    return { ...ledger, rollout: { ...rollout, job: actor.job } }
  }

  /** The lease that was there when this step took it; undefined if it was free. */
  get displaced(): Lease | undefined {
    return this.#displaced
  }

  /** Changes the ledger while the lease is ours, and renews it in passing. */
  async update(change: (ledger: Ledger) => Ledger): Promise<void> {
    this.#requireLease(this.ledger)
    await this.#write((ledger) => {
      this.#requireLease(ledger)
      return { ...change(ledger), lease: this.#lease() }
    })
  }

  /** Changes the open rollout while the lease is ours. */
  async updateRollout(change: (rollout: OpenRollout) => OpenRollout): Promise<void> {
    await this.update((ledger) =>
      ledger.rollout === undefined ? ledger : { ...ledger, rollout: change(ledger.rollout) },
    )
  }

  /** Adds a line to the open rollout's timeline, together with a change of it. */
  async note(
    entry: Omit<TimelineEntry, 'at'>,
    change: (rollout: OpenRollout) => OpenRollout = (same) => same,
  ): Promise<void> {
    const dated = { at: this.now().toISOString(), ...entry }
    await this.updateRollout((rollout) => {
      const changed = change(rollout)
      return { ...changed, timeline: withEntry(changed.timeline, dated) }
    })
  }

  /**
   * From here on every write keeps what a hold has seen so far, renewals of the lease too: whether it is cancelled or killed,
   * the evidence goes on from there and is not begun anew.
   */
  carry(blocks: () => readonly Block[] | undefined): void {
    this.#evidence = { of: this.rollout?.id, blocks }
  }

  /** Gives the lease back with a last change. A session that holds none does nothing. */
  async release(change: (ledger: Ledger) => Ledger = (ledger) => ledger): Promise<void> {
    if (!this.#held) return
    await this.#write((ledger) => {
      this.#requireLease(ledger)
      const { lease: _given, ...free } = change(ledger)
      return free
    })
    this.#held = false
  }

  /** Reads the lease again: asked before each write to the router. @throws Displaced */
  async assertOurs(): Promise<void> {
    await this.refresh()
    this.#requireLease(this.ledger)
  }

  /** Sleeps, and renews the lease when it is due. @throws Cancelled, Displaced */
  async pause(ms: number): Promise<void> {
    const { clock, policy } = this.scene
    const end = clock.monotonicMs() + ms
    for (;;) {
      if (this.#signal.aborted) throw new Cancelled()
      const left = end - clock.monotonicMs()
      if (left <= 0) return
      const untilRenewal = this.#renewedAtMs + policy.timing.leaseRenewMs - clock.monotonicMs()
      if (this.#held && untilRenewal <= 0) await this.update((ledger) => ledger)
      else await clock.sleep(this.#held ? Math.min(left, untilRenewal) : left, this.#signal)
    }
  }

  /** Renews the lease if it is held and due. @throws Displaced */
  async keepLease(): Promise<void> {
    const { clock, policy } = this.scene
    const isDue = clock.monotonicMs() >= this.#renewedAtMs + policy.timing.leaseRenewMs
    if (this.#held && isDue) await this.update((ledger) => ledger)
  }

  /** Keeps the lease alive while something else works. @throws what the work throws, or Displaced */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    const { clock, policy } = this.scene
    const over = new AbortController()
    const end = (): void => over.abort()
    work.then(end, end)
    while (this.#held && !over.signal.aborted) {
      await clock.sleep(policy.timing.leaseRenewMs, over.signal)
      if (!over.signal.aborted) await this.update((ledger) => ledger)
    }
    return work
  }

  async #write(change: (ledger: Ledger) => Ledger): Promise<void> {
    const { ledgers, clock, randomId } = this.scene
    for (let conflicts = 0; ; conflicts++) {
      const writeId = randomId()
      const next = { ...bounded(this.#withEvidence(change(this.ledger))), writeId }
      try {
        this.#revision = await ledgers.write(serializeLedger(next), this.#revision)
        this.#ledger = next
        this.#renewedAtMs = clock.monotonicMs()
        return
      } catch (thrown) {
        if (!(thrown instanceof LedgerConflict)) throw thrown
        if (this.#held && conflicts >= CONFLICT_LIMIT) throw this.#contested(thrown)
        await this.refresh()
        // The write took effect and only its answer was lost.
        if (this.#ledger?.writeId === writeId) return
        // Nothing was decided on what is written there now: the step decides anew.
        if (!this.#held) throw thrown
      }
    }
  }

  #withEvidence(ledger: Ledger): Ledger {
    const { rollout } = ledger
    if (rollout === undefined || rollout.id !== this.#evidence?.of) return ledger
    const blocks = this.#evidence.blocks()
    return blocks === undefined ? ledger : { ...ledger, rollout: { ...rollout, blocks } }
  }

  #contested(cause: LedgerConflict): UserError {
    const { address } = this.scene.ledgers
    return new UserError(
      `the ledger at ${address} was changed by somebody else at each of ${CONFLICT_LIMIT + 1} tries`,
      {
        hint: 'Nothing was written. Find out who else writes it; then run the same step again, or roll back.',
        cause,
      },
    )
  }

  #requireLease(ledger: Ledger): void {
    if (ledger.lease?.holder === this.holder) return
    this.#held = false
    throw new Displaced(
      ledger.lease === undefined
        ? 'the rollout was closed or taken over meanwhile'
        : describeLease(ledger.lease),
    )
  }

  #lease(): Lease {
    const { actor, step, policy } = this.scene
    return {
      holder: this.holder,
      step,
      owner: ownerOf(actor),
      renewedAt: this.now().toISOString(),
      renewEveryMs: policy.timing.leaseRenewMs,
      staleAfterMs: policy.timing.leaseStaleMs,
    }
  }
}

function bounded(ledger: Ledger): Ledger {
  if (ledger.rollout === undefined || ledger.rollout.blocks.length === 0) return ledger
  return { ...ledger, rollout: { ...ledger.rollout, blocks: boundedBlocks(ledger.rollout.blocks) } }
}

function describeLease(lease: Lease): string {
  return `${lease.step} of run ${lease.owner.run}, attempt ${lease.owner.attempt}, of ${lease.owner.repository}`
}
