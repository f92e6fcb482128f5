import { formatDuration } from '../duration.js'
import { CheckFailed } from '../interruption.js'
import { logTail } from '../log-tail.js'
import type { Place } from '../place.js'
import type { AttemptId } from '../ports/platform.js'
import type { Session } from '../session.js'

/** Pause between two looks at what comes up, in milliseconds. */
const PROGRESS_POLL_MS = 200

export interface Arrival {
  readonly place: Place
  readonly attempt: AttemptId
  readonly version: string
}

/**
 * Waits until an attempt is ready and the router itself would send requests to every replica of it (ready before
 * reachable: traps 2, 11).
 * @returns the number of replicas that are ready
 * @throws CheckFailed with the release's last log lines when it fails, is undone, or the deadline is over
 */
export async function untilReady(session: Session, arrival: Arrival): Promise<number> {
  const { clock, narrator, policy } = session.scene
  const limit = policy.timing.readyDeadlineMs
  const deadline = clock.monotonicMs() + limit
  const wait = narrator.waiting(`${arrival.version} to become ready in ${arrival.place}`, limit)
  try {
    const replicas = await untilPlatformReady(session, arrival, deadline, (detail) => wait.progress(detail))
    await untilRouterSees(session, arrival, replicas, deadline, (detail) => wait.progress(detail))
    return replicas
  } finally {
    wait.done()
  }
}

async function untilPlatformReady(
  session: Session,
  { place, attempt, version }: Arrival,
  deadline: number,
  tell: (detail: string) => void,
): Promise<number> {
  const { platform, clock, policy } = session.scene
  for (;;) {
    const progress = await platform.progress(place, attempt)
    if (progress.state === 'ready') return progress.ready
    if (progress.state !== 'moving')
      throw notReady(
        session,
        version,
        `${version} did not come up in ${place}: ${progress.reason}`,
        progress.logs,
      )
    tell(
      `${progress.ready} of ${progress.wanted} replicas ready${progress.detail === undefined ? '' : `, ${progress.detail}`}`,
    )
    if (clock.monotonicMs() >= deadline) {
      const limit = formatDuration(policy.timing.readyDeadlineMs)
      const detail = progress.detail === undefined ? '' : `; ${progress.detail}`
      throw notReady(
        session,
        version,
        `${version} was not ready in ${place} within ${limit} (${progress.ready} of ${progress.wanted} replicas${detail})`,
        await platform.lastWords(place),
      )
    }
    await session.pause(PROGRESS_POLL_MS)
  }
}

async function untilRouterSees(
  session: Session,
  { place, version }: Arrival,
  replicas: number,
  deadline: number,
  tell: (detail: string) => void,
): Promise<void> {
  const { router, clock, policy } = session.scene
  if (router === undefined || router.sides === 'variants') return
  for (;;) {
    const healthy = await router.healthy(place)
    if (healthy === 'unknown' || healthy >= replicas) return
    tell(`${router.name} sees ${healthy} of ${replicas} endpoints`)
    if (clock.monotonicMs() >= deadline) {
      throw notReady(
        session,
        version,
        `${router.name} saw only ${healthy} of ${replicas} endpoints of ${version} within ${formatDuration(policy.timing.readyDeadlineMs)}`,
        [],
      )
    }
    await session.pause(PROGRESS_POLL_MS)
  }
}

function notReady(session: Session, version: string, what: string, logs: readonly string[]): CheckFailed {
  const shown = logTail(logs)
  const tail =
    shown.length === 0 ? '' : `\nIts last log lines:\n${shown.map((line) => `  ${line}`).join('\n')}`
  return new CheckFailed(`${what}${tail}`, { hint: whatNow(session, version) })
}

function whatNow({ ledger, scene }: Session, version: string): string {
  const stable = ledger.stable?.release.version
  if (stable === undefined) return 'No release is live yet. Mend this one and deploy it again.'
  if (stable === version) return `${version} is the stable release itself: deploy a release that works.`
  if (scene.router === undefined)
    return `The rollback step, or the end of the job, brings ${stable} back. Mend ${version} and deploy it again.`
  return `Stable was not touched: ${stable} serves. Mend ${version} and deploy it again.`
}
