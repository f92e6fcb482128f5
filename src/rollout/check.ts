import { failCheck } from './act-on.js'
import { findRollout } from './ledger/find-rollout.js'
import { Cancelled } from './interruption.js'
import type { Underway } from './ledger/ledger.js'
import type { StepResult } from './outcome.js'
import type { TesterHeader } from './ports/router.js'
import type { Session } from './session.js'
import { UserError } from './user-error.js'

/** Whom a check asks, and which version must answer. */
export interface CheckTarget {
  readonly url: URL
  readonly version: string
  /** Both releases share the public address now: either may answer. */
  readonly shared?: boolean
  /** Brings a request to the candidate through the public address, where it has no address of its own. */
  readonly header?: TesterHeader
}

export interface CheckFinding {
  readonly passed: boolean
  /** One sentence: what was found. */
  readonly sentence: string
}

export interface Check {
  /** `candidate`: its own address. `live`: the public one. */
  readonly target: 'candidate' | 'live'
  /** The public address, for `live` and for testers' headers. Asked for only when it is needed. */
  publicUrl(): Promise<URL | undefined>
  /** The candidate's address, if the config names one. */
  readonly candidateUrl: URL | undefined
  run(target: CheckTarget): Promise<CheckFinding>
}

/** Asks one side; a failure takes the candidate back at once. */
export async function check(session: Session, wanted: Check): Promise<StepResult> {
  const found = findRollout(session)
  if (found.kind === 'settled') {
    const settledLive = wanted.target === 'live' ? await liveTarget(session, wanted) : undefined
    if (settledLive === undefined) return { result: 'unchanged', sentence: found.sentence }
    if (session.scene.policy.dryRun) return wouldCheck(settledLive)
    const finding = await wanted.run(settledLive)
    if (!finding.passed)
      throw new UserError(finding.sentence, {
        hint: 'The release is stable: nothing was taken back. Roll back with `to` if it must go.',
      })
    return { result: 'succeeded', sentence: finding.sentence }
  }
  const inPlace = session.scene.router === undefined
  const { version } = found.rollout.candidate.release
  const target =
    wanted.target === 'live' || inPlace
      ? await sharedTarget(session, wanted, found.rollout)
      : await candidateTarget(session, wanted, version)
  if (session.scene.policy.dryRun) return wouldCheck(target)
  await session.take()
  const finding = await session.during(wanted.run(target))
  // What was not asked any more says nothing of the release: the cancellation decides, not the check.
  if (session.signal.aborted) throw new Cancelled()
  await session.note({ what: finding.sentence, verdict: finding.passed ? 'pass' : 'fail' })
  if (!finding.passed) await failCheck(session, finding.sentence)
  return { result: 'succeeded', sentence: finding.sentence }
}

function wouldCheck({ version, url }: CheckTarget): StepResult {
  return { result: 'unchanged', sentence: `dry run: would check ${version} at ${url.origin}` }
}

async function liveTarget(session: Session, wanted: Check): Promise<CheckTarget | undefined> {
  const stable = session.ledger.stable?.release.version
  return stable === undefined ? undefined : { url: await publicOf(wanted), version: stable }
}

/** The public address while a rollout is open: stable answers at 0 %, the candidate at 100 %, either in between. */
async function sharedTarget(
  session: Session,
  wanted: Check,
  { weight, candidate }: Underway,
): Promise<CheckTarget> {
  const url = await publicOf(wanted)
  const stable = session.ledger.stable?.release.version
  if (weight === 0 && stable !== undefined) return { url, version: stable }
  const { version } = candidate.release
  return weight < 100 && stable !== undefined ? { url, version, shared: true } : { url, version }
}

/** The config's address, else the place's own, else the public one with the tester's header. */
async function candidateTarget(session: Session, wanted: Check, version: string): Promise<CheckTarget> {
  const { platform, router, service } = session.scene
  if (wanted.candidateUrl !== undefined) return { url: wanted.candidateUrl, version }
  const place = session.candidate?.place
  const own = place === undefined ? undefined : await platform.reach(place)
  if (own !== undefined) return { url: own, version }
  const header = place === undefined ? undefined : router?.testerHeader(place)
  const shared = header === undefined ? undefined : await wanted.publicUrl()
  if (header !== undefined && shared !== undefined) return { url: shared, version, header }
  throw new UserError(`the candidate of ${service} cannot be reached from here`, {
    hint: 'Name its address in the config, or the public address (confirm.url) with a router that knows testers by a header.',
  })
}

async function publicOf(wanted: Check): Promise<URL> {
  const url = await wanted.publicUrl()
  if (url !== undefined) return url
  throw new UserError('target: live needs the public address', {
    hint: 'Name it as `confirm: { url: … }` in rollout.yml.',
  })
}
