import type { Attempt } from './attempt.js'
import type { DesiredPlace, UndoneAttempt } from './desired-state.js'

/** Who is in a place: one release, or two while the place is updated under traffic. */
export class Occupancy {
  current: Attempt
  /** Serves until the current one is ready. */
  former: Attempt | undefined
  /** The update that failed last, and was taken back. */
  undone: UndoneAttempt | undefined

  constructor(current: Attempt, undone?: UndoneAttempt) {
    this.current = current
    this.undone = undone
  }

  get attempts(): Attempt[] {
    return this.former === undefined ? [this.current] : [this.current, this.former]
  }

  /** The release that a new update must not take away before it is ready. */
  get serving(): Attempt | undefined {
    if (this.former !== undefined) return this.former
    return this.current.desired.wasReady ? this.current : undefined
  }

  get endpoints(): { id: string; port: number; version: string }[] {
    return this.attempts.flatMap(({ endpoints }) => endpoints)
  }

  get desired(): DesiredPlace {
    return {
      ...this.current.desired,
      ...(this.former === undefined ? {} : { former: this.former.desired }),
      ...(this.undone === undefined ? {} : { undone: this.undone }),
    }
  }

  /**
   * Takes the update as far as it may go: each ready replica of the new release replaces one of the former. Returns
   * the attempt that has lost its place by that: the former, when all are ready, or the new one, if it has failed.
   */
  goOn(): Attempt | undefined {
    const { current, former } = this
    if (former === undefined) return undefined
    const { failure } = current.desired
    if (failure !== undefined) {
      this.undone = { attempt: current.id, ...failure }
      this.goBack()
      return current
    }
    if (current.progress.state === 'ready') {
      this.former = undefined
      return former
    }
    const rest = Math.max(1, former.desired.launch.replicas - current.health.ready)
    if (rest < former.desired.replicas) former.scale(rest)
    return undefined
  }

  /** Gives the place back to the former release, at its full size. */
  goBack(): void {
    const { former } = this
    if (former === undefined) return
    this.current = former
    this.former = undefined
    former.scale(former.desired.launch.replicas)
  }
}
