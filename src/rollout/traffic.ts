import { formatDuration } from './duration.js'
import { candidateOf, type Ledger } from './ledger/ledger.js'
import { describeSplit, otherSlot, sameSplit, type Sides, type Split } from './place.js'
import { RouterConflict, type Router, type RouterReading, type RouterRevision } from './ports/router.js'
import type { Scene } from './scene.js'
import type { Session } from './session.js'
import { UserError } from './user-error.js'
import { ALL, NONE } from './weight.js'

/** Pause between two questions whether a written revision has taken effect, in milliseconds. */
const EFFECT_POLL_MS = 100
/** A conditional write that keeps colliding has somebody on the other side: we do not fight (trap 23b). */
const CONFLICT_LIMIT = 3

/** The router of a rollout with weights. @throws when the strategy has none: our own bug. */
export function routerOf(scene: Scene): Router {
  if (scene.router === undefined) throw new Error('this strategy has no router')
  return scene.router
}

/** Which sides play the two roles: slots by place, a feature flag by its variants. */
export function sidesOf(scene: Scene, ledger: Ledger): Sides {
  if (scene.router?.sides === 'variants') return { stable: 'off', candidate: 'on' }
  const stable = ledger.stable?.place
  return { stable, candidate: candidateOf(ledger.rollout)?.place ?? otherSlot(stable) }
}

/** A flag that serves nobody. After a rollout its owners set it back to that: the next one begins there. */
const FLAG_AT_REST: Split = { off: ALL, on: NONE }

/** What somebody else has done to the split, in words; undefined if it is as we left it, or a flag at rest. */
export function strangerIn(ledger: Ledger, reading: RouterReading): string | undefined {
  const ours = [ledger.split ?? {}, ...(ledger.intended === undefined ? [] : [ledger.intended])]
  if (ours.some((split) => sameSplit(split, reading.split))) return undefined
  if ((ledger.rollout?.weight ?? 0) === 0 && sameSplit(FLAG_AT_REST, reading.split)) return undefined
  const who = reading.changedBy === undefined ? 'somebody else' : reading.changedBy
  return `${who} changed the traffic: it is ${describeSplit(reading.split)}, and was left at ${describeSplit(ledger.split ?? {})}`
}

/** Reads the router and refuses to go on where somebody else has changed it (trap 21). */
export async function readUndisturbed(session: Session): Promise<RouterReading> {
  const reading = await routerOf(session.scene).read()
  const stranger = strangerIn(session.ledger, reading)
  if (stranger !== undefined) {
    throw new UserError(stranger, {
      hint: 'Nothing was overwritten. Find out who did it; then roll back, which sets the weight to 0 whatever stands there, or set it back by hand and run the step again.',
    })
  }
  return reading
}

export interface SplitWrite {
  readonly split: Split
  /** A change of the ledger to be made in the same write as the intention. */
  readonly also?: (ledger: Ledger) => Ledger
  /** Going back overwrites what a stranger did, and says so; going forward never does. */
  readonly overStrangers: boolean
}

/**
 * Sets the split: the intention is recorded first, the lease read again, the router written (conditionally where it
 * can), and its own status waited for. Writing what stands there already changes nothing.
 */
export async function writeSplit(
  session: Session,
  { split, also, overStrangers }: SplitWrite,
): Promise<void> {
  const router = routerOf(session.scene)
  for (let conflicts = 0; ; conflicts++) {
    const reading = overStrangers ? await router.read() : await readUndisturbed(session)
    if (overStrangers) warnOfStranger(session, reading)
    await session.update((ledger) => ({ ...(also?.(ledger) ?? ledger), intended: split }))
    let revision = reading.revision
    if (!sameSplit(reading.split, split)) {
      await session.assertOurs()
      const written = await tryWrite(router, split, reading.revision, conflicts)
      if (written === undefined) continue
      revision = written
    }
    await untilEffective(session, router, revision, split)
    return
  }
}

/** Records that the split was confirmed. */
export async function settleSplit(
  session: Session,
  split: Split,
  also: (ledger: Ledger) => Ledger = (ledger) => ledger,
): Promise<void> {
  await session.update((ledger) => {
    const { intended: _reached, ...rest } = also(ledger)
    return { ...rest, split }
  })
}

async function tryWrite(
  router: Router,
  split: Split,
  revision: RouterRevision,
  conflicts: number,
): Promise<RouterRevision | undefined> {
  try {
    return await router.write(split, revision)
  } catch (thrown) {
    if (!(thrown instanceof RouterConflict)) throw thrown
    if (conflicts < CONFLICT_LIMIT) return undefined
    throw new UserError(
      `${router.name} was changed by somebody else at each of ${conflicts + 1} tries to write`,
      {
        hint: 'Find out who else writes it, and stop that; then run the step again, or roll back.',
        cause: thrown,
      },
    )
  }
}

async function untilEffective(
  session: Session,
  router: Router,
  revision: RouterRevision,
  split: Split,
): Promise<void> {
  const { clock, narrator, policy } = session.scene
  const deadline = clock.monotonicMs() + policy.timing.confirmDeadlineMs
  let wait: ReturnType<typeof narrator.waiting> | undefined
  while ((await router.effective(revision)) === 'not-yet') {
    if (clock.monotonicMs() >= deadline) {
      throw new UserError(
        `${router.name} did not take up ${describeSplit(split)} within ${formatDuration(policy.timing.confirmDeadlineMs)}`,
        {
          hint: 'Look at the status of the router’s object. Run the step again, or roll back.',
        },
      )
    }
    wait ??= narrator.waiting(
      `${router.name} to take up ${describeSplit(split)}`,
      policy.timing.confirmDeadlineMs,
    )
    await session.pause(EFFECT_POLL_MS)
  }
  wait?.done()
}

function warnOfStranger(session: Session, reading: RouterReading): void {
  const stranger = strangerIn(session.ledger, reading)
  if (stranger !== undefined) session.scene.narrator.warn(`${stranger}. Going back all the same.`)
}
