import { analyze, type Analysis } from './analyze.js'
import { check, type Check } from './check.js'
import { deploy } from './deploying/deploy.js'
import { finishJob, type JobStatus } from './going-back/finish-job.js'
import type { Outcome, StepResult } from './outcome.js'
import type { Release } from './release.js'
import { reserve } from './deploying/reserve.js'
import { rollback, type RollbackWish } from './going-back/rollback.js'
import type { Scene } from './scene.js'
import { Session } from './session.js'
import { shift, type Shift } from './shift.js'
import { standingOf } from './ledger/standing.js'
import { runStep } from './step.js'
import { sweep } from './going-back/sweep.js'

/**
 * The one way forward and the one way back: every action, the root action and the demo drive this and nothing else.
 * Each call reads the live system, does the difference, and may be killed anywhere: the same call again, or
 * `rollback`, goes on from what it finds.
 */
export class Conductor {
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Puts a release into the idle slot and waits until it is ready, at 0 %. */
  deploy(release: Release): Promise<Outcome> {
    return runStep(this.#scene, (session) => deploy(session, release))
  }

  /** Moves the weight, confirms it, holds it while judging, and at 100 promotes. */
  shift(wanted: Shift): Promise<Outcome> {
    return runStep(this.#scene, (session) => shift(session, wanted))
  }

  /** Judges at the weight that stands, for a time. */
  analyze(wanted: Analysis): Promise<Outcome> {
    return runStep(this.#scene, (session) => analyze(session, wanted))
  }

  /** Asks the candidate or the public address; a failure takes the candidate back at once. */
  check(wanted: Check): Promise<Outcome> {
    return runStep(this.#scene, (session) => check(session, wanted))
  }

  /** Does work that belongs to this rollout before there is a release: migrations. */
  prepare(work: () => Promise<StepResult>): Promise<Outcome> {
    return runStep(this.#scene, async (session) => {
      if (this.#scene.policy.dryRun) return work()
      await reserve(session)
      return session.during(work())
    })
  }

  /** Back to stable, or to a named release. */
  rollback(wish: RollbackWish): Promise<Outcome> {
    return runStep(this.#scene, (session) => rollback(session, wish))
  }

  /** When this run's open rollout was opened, ISO 8601; undefined if it has none. Changes nothing. */
  async openedAt(): Promise<string | undefined> {
    const session = await Session.open(this.#scene)
    const { actor, state } = this.#scene
    const ours =
      session.known !== undefined && standingOf(session.ledger, actor, state, session.now()).kind === 'ours'
    return ours ? session.rollout?.openedAt : undefined
  }

  /** Takes back what was abandoned and retires what is due; never disturbs a living rollout. */
  sweep(): Promise<Outcome> {
    return runStep(this.#scene, sweep)
  }

  /** Parks, closes or takes back this run's open rollout when its job ends. */
  finishJob(status: JobStatus): Promise<Outcome> {
    return runStep(this.#scene, (session) => finishJob(session, status))
  }
}
