import { adoption } from './adopt.js'
import { decideDeploy, type Before, type DeployDecision } from './decide-deploy.js'
import { formatDuration } from '../duration.js'
import { goBack, setBack } from '../going-back/go-back.js'
import { CheckFailed } from '../interruption.js'
import { isOwnedBy, SETTLED_LIMIT, type Ledger, type OpenRollout } from '../ledger/ledger.js'
import type { StepResult } from '../outcome.js'
import { isInPlace } from '../plan.js'
import { otherBuildsOf, type Origin } from './other-builds.js'
import { placeCandidate } from './place-candidate.js'
import { otherSlot, type Place } from '../place.js'
import { preflight } from './preflight.js'
import { promote } from '../promote.js'
import type { Release } from '../release.js'
import { retireDue } from '../retire.js'
import { ownerOf } from '../scene.js'
import type { Session } from '../session.js'
import { moveTo } from '../shift.js'
import { standingOf } from '../ledger/standing.js'
import { readUndisturbed } from '../traffic.js'
import { UserError } from '../user-error.js'
import { ALL } from '../weight.js'

/** Pause between two looks at a service that is busy with somebody else's rollout, in milliseconds. */
const BUSY_POLL_MS = 5_000

/**
 * Puts a release into the idle slot and waits until it is ready, at 0 %. A release that was stable before comes back
 * to 100 % at once. In place, the platform does all of it.
 */
export async function deploy(
  session: Session,
  release: Release,
  origin: Origin = 'brought',
): Promise<StepResult> {
  session.about = release.version
  const decision = await decided(session, release, origin)
  switch (decision.do) {
    case 'refuse':
      throw decision.error
    case 'answer-settled':
      return answerSettled(session, release, decision)
    case 'resume':
      return resume(session, release)
    case 'open':
      return open(session, release, decision)
  }
}

type Opening = Extract<DeployDecision, { do: 'open' }>

async function decided(
  session: Session,
  release: Release,
  origin: Origin,
): Promise<Exclude<DeployDecision, { do: 'wait' }>> {
  const { actor, state, policy, service, clock, narrator } = session.scene
  const deadline = clock.monotonicMs() + policy.timing.busyWaitMs
  let wait: ReturnType<typeof narrator.waiting> | undefined
  for (;;) {
    const { ledger } = session
    const standing = standingOf(ledger, actor, state, session.now())
    const otherBuilds = await otherBuildsOf(session, release, origin)
    const decision = decideDeploy({ ledger, standing, actor, release, otherBuilds, policy, service })
    if (decision.do !== 'wait') {
      wait?.done()
      return decision
    }
    if (clock.monotonicMs() >= deadline) {
      const error = new UserError(
        `${service} was busy for ${formatDuration(policy.timing.busyWaitMs)}: ${decision.who}`,
        {
          hint: 'Displace it with `if-busy: supersede`, or let that run finish or roll back. Nothing was changed.',
        },
      )
      return { do: 'refuse', error }
    }
    wait ??= narrator.waiting(`the other rollout to end: ${decision.who}`, policy.timing.busyWaitMs)
    await session.pause(BUSY_POLL_MS)
    await session.refresh()
  }
}

/** Remembers that this run found its release stable, so that its later steps answer `unchanged` too. */
async function answerSettled(
  session: Session,
  release: Release,
  { sentence, withdraw }: { sentence: string; withdraw: boolean },
): Promise<StepResult> {
  const { actor, policy } = session.scene
  const owner = ownerOf(actor)
  const known = session.ledger.settled.some(
    (run) => isOwnedBy(run.owner, owner) && run.version === release.version,
  )
  const byThisRun = session.ledger.closed.some(
    (closed) => isOwnedBy(closed.owner, owner) && closed.id === session.ledger.stable?.rollout,
  )
  if (policy.dryRun || (!withdraw && (known || byThisRun))) return { result: 'unchanged', sentence }
  if (session.ledger.lease !== undefined && !isOwnedBy(session.ledger.lease.owner, owner))
    return { result: 'unchanged', sentence }
  await session.take((ledger) => ({
    ...ledger,
    settled: [{ owner, version: release.version }, ...ledger.settled].slice(0, SETTLED_LIMIT),
  }))
  if (withdraw) await goBack(session, sentence)
  await retireDue(session)
  return { result: 'unchanged', sentence }
}

async function open(session: Session, release: Release, decision: Opening): Promise<StepResult> {
  const { narrator, policy } = session.scene
  const unknown = session.known === undefined || session.ledger.repository !== session.scene.actor.repository
  const adopted = unknown ? await adoption(session) : undefined
  if (decision.notice !== undefined) narrator.notice(decision.notice)
  const place = placeFor(session, session.ledger.stable ?? adopted?.(session.ledger).stable)
  const { kind, before, handle } = decision
  await preflight(session, {
    release,
    place,
    kind,
    before,
    adopted: adopted !== undefined,
    recorded: handle !== undefined,
  })
  if (policy.dryRun) return describeOpening(session, release, place, decision)
  await session.take((ledger) => ({
    ...(adopted?.(ledger) ?? ledger),
    repository: session.scene.actor.repository,
  }))
  await clearTheWay(session, decision.before)
  await session.update((ledger) => ({
    ...ledger,
    rollout: opened(session, ledger, release, place, decision),
  }))
  await retireDue(session)
  return bringUp(session, release, decision.kind)
}

/** An own rollout in the same attempt: does what is missing of it. */
async function resume(session: Session, release: Release): Promise<StepResult> {
  const { rollout, candidate } = session
  const there =
    candidate === undefined ? undefined : (await session.scene.platform.observe())[candidate.place]
  const complete =
    there !== undefined && there.version === release.version && there.ready >= (candidate?.replicas ?? 1)
  if (rollout?.phase !== 'placing' && rollout?.kind !== 'return' && complete) {
    return {
      result: 'unchanged',
      sentence: `${release.version} is deployed and ready already`,
      ...(await candidateUrl(session)),
    }
  }
  if (session.scene.policy.dryRun)
    return { result: 'unchanged', sentence: `dry run: would finish the deploy of ${release.version}` }
  await session.take()
  return bringUp(session, release, rollout?.kind ?? 'rollout')
}

async function bringUp(session: Session, release: Release, kind: OpenRollout['kind']): Promise<StepResult> {
  try {
    await placeCandidate(session, release)
  } catch (thrown) {
    if (!(thrown instanceof CheckFailed)) throw thrown
    await setBack(session, thrown.message.split('\n')[0] ?? 'it did not come up')
    throw thrown
  }
  const url = await candidateUrl(session)
  if (kind === 'return') return finishReturn(session, release)
  const inPlace = isInPlace(session.scene.policy.plan.strategy)
  const sentence = inPlace
    ? `${release.version} is live, updated in place`
    : `${release.version} is ready in ${session.candidate?.place ?? 'its slot'}, at 0 %`
  return { result: 'succeeded', sentence, ...url }
}

/** A return goes to 100 at once; then it is stable again. */
async function finishReturn(session: Session, release: Release): Promise<StepResult> {
  if (session.scene.router !== undefined && session.rollout?.phase !== 'promoting') await moveTo(session, ALL)
  await promote(session)
  return {
    result: 'succeeded',
    sentence: `returned to ${release.version}: it is stable again`,
    restoredVersion: release.version,
  }
}

function opened(
  session: Session,
  ledger: Ledger,
  release: Release,
  place: Place,
  { kind, handle }: Opening,
): OpenRollout {
  const { actor, policy } = session.scene
  const reserved = ledger.rollout?.phase === 'reserved' ? ledger.rollout : undefined
  const now = session.now().toISOString()
  return {
    id: reserved?.id ?? session.scene.randomId(),
    owner: ownerOf(actor),
    job: actor.job,
    kind,
    phase: 'placing',
    candidate: { place, release, ...(handle !== undefined && { handle }) },
    openedAt: reserved?.openedAt ?? now,
    onCancel: policy.onCancel,
    weight: 0,
    held: [],
    blocks: [],
    visitors: [],
    timeline: [
      ...(reserved?.timeline ?? []),
      {
        at: now,
        what: `${kind === 'return' ? 'return to' : 'rollout of'} ${release.version} began`,
        weight: 0,
      },
    ],
  }
}

async function clearTheWay(session: Session, before: Before): Promise<void> {
  const { narrator, router } = session.scene
  if (before.kind === 'nothing') return
  const displaced = before.kind === 'supersede' ? session.displaced : undefined
  narrator.say(`Taking the open rollout back first: ${before.why}`)
  await goBack(session, before.why)
  if (displaced === undefined || router === undefined) return
  const wait = narrator.waiting(
    `${displaced.step} of run ${displaced.owner.run} to notice that it was displaced`,
    displaced.renewEveryMs,
  )
  await session.pause(displaced.renewEveryMs)
  wait.done()
  await readUndisturbed(session)
}

function placeFor(session: Session, stable: { readonly place: Place } | undefined): Place {
  return session.scene.platform.layout === 'in-place' ? 'live' : otherSlot(stable?.place)
}

async function candidateUrl(session: Session): Promise<{ candidateUrl?: string }> {
  const { candidate, scene } = session
  const url = candidate === undefined ? undefined : await scene.platform.reach(candidate.place)
  return url === undefined ? {} : { candidateUrl: url.href }
}

function describeOpening(session: Session, release: Release, place: Place, decision: Opening): StepResult {
  const first =
    decision.before.kind === 'nothing' ? '' : `take back the open rollout (${decision.before.why}), then `
  const how =
    decision.kind === 'return' ? 'and give it all requests at once (it was stable before)' : 'at 0 %'
  const stable = session.ledger.stable
  const serving =
    stable === undefined ? 'nothing is live' : `${stable.release.version} stays live in ${stable.place}`
  return {
    result: 'unchanged',
    sentence: `dry run: would ${first}put ${release.version} into ${place} ${how}; ${serving}`,
  }
}
