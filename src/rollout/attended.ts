import type { HealthWatch } from './health-watch.js'
import { Cancelled } from './interruption.js'
import type { Session } from './session.js'

/** Pause between two looks at the candidate's health while something else is waited for, in milliseconds. */
const GLANCE_MS = 1_000

/** What came of waiting: what was waited for, or a sick candidate before it came. */
export type Attended<Result> =
  { readonly kind: 'done'; readonly result: Result } | { readonly kind: 'sick'; readonly reason: string }

/**
 * Waits for work without closing the eyes: a source of metrics that is slow to answer hides no dead candidate and holds up
 * no cancelled job, and the lease is kept meanwhile. Work that is left behind goes on and is not heard of any more.
 * @throws what the work throws, Cancelled, Displaced, or what stands in the way of watching
 */
export async function attended<Result>(
  session: Session,
  watch: HealthWatch,
  work: Promise<Result>,
): Promise<Attended<Result>> {
  const { clock } = session.scene
  const over = new AbortController()
  const end = (): void => over.abort()
  work.then(end, end)
  const woken = AbortSignal.any([over.signal, session.signal])
  while (!over.signal.aborted) {
    await clock.sleep(GLANCE_MS, woken)
    if (over.signal.aborted) break
    if (session.signal.aborted) throw new Cancelled()
    await session.keepLease()
    const reason = sicknessOf(session, watch)
    if (reason !== undefined) return { kind: 'sick', reason }
  }
  return { kind: 'done', result: await work }
}

/** What is wrong with the candidate, if it has been wrong for long enough. @throws where nothing can be seen of it */
export function sicknessOf({ scene }: Session, watch: HealthWatch): string | undefined {
  watch.requireSight(scene.policy.timing.confirmDeadlineMs)
  return watch.problem(scene.clock.monotonicMs(), scene.policy.timing.unreadyMs)
}
