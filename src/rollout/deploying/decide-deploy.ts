import { foreign } from '../ledger/find-rollout.js'
import {
  describeRollout,
  isUnderway,
  type KnownRelease,
  type Ledger,
  type OpenRollout,
  type Underway,
} from '../ledger/ledger.js'
import type { IfBusy, Policy } from '../policy.js'
import { sameRelease, type Release, type ReleaseHandle } from '../release.js'
import type { Actor } from '../scene.js'
import type { Standing } from '../ledger/standing.js'
import { UserError } from '../user-error.js'

/** What has to happen to an open rollout before a new one may begin. */
export type Before =
  | { readonly kind: 'nothing' }
  /** It is taken back first; `why` is recorded. */
  | { readonly kind: 'go-back'; readonly why: string }
  /** Somebody else's, alive: its lease is taken, and its next write is waited for. */
  | { readonly kind: 'supersede'; readonly why: string }

export type DeployDecision =
  | { readonly do: 'answer-settled'; readonly sentence: string; readonly withdraw: boolean }
  | { readonly do: 'refuse'; readonly error: UserError }
  | { readonly do: 'wait'; readonly who: string }
  | { readonly do: 'resume'; readonly rollout: Underway }
  | {
      readonly do: 'open'
      readonly kind: OpenRollout['kind']
      readonly before: Before
      /** Starts the build that was recorded under this label; absent: what the step brings is placed. */
      readonly handle?: ReleaseHandle
      readonly notice?: string
    }

export interface DeployQuestion {
  readonly ledger: Ledger
  readonly standing: Standing
  readonly actor: Actor
  readonly release: Release
  /** Handles of builds under the release’s label that are others than the one that this step brings. */
  readonly otherBuilds: ReadonlySet<ReleaseHandle>
  readonly policy: Pick<Policy, 'ifBusy' | 'adopt' | 'returnAs'>
  readonly service: string
}

/** Decides what a deploy does; reads nothing and changes nothing. */
export function decideDeploy(question: DeployQuestion): DeployDecision {
  const { ledger, standing, release, policy } = question
  const { rollout } = ledger
  if (standing.kind === 'foreign' && !policy.adopt)
    return { do: 'refuse', error: foreign(standing.repository, question.service) }
  const mine = standing.kind === 'ours' ? rollout : undefined
  if (isTwin(question, ledger.stable)) return { do: 'refuse', error: stableTwin(release) }
  if (sameRelease(ledger.stable?.release, release) && (mine === undefined || mine.phase === 'reserved')) {
    return {
      do: 'answer-settled',
      sentence: `${release.version} is stable already`,
      withdraw: mine !== undefined,
    }
  }
  const excluded = ledger.excluded.find((entry) => entry.version === release.version)
  if (excluded !== undefined)
    return { do: 'refuse', error: outgrown(release, excluded.migration, excluded.reason) }
  const past = ledger.releases.find((known) => sameRelease(known.release, release))
  const way = { do: 'open', ...wayOf(past, question) } as const
  switch (standing.kind) {
    case 'foreign':
      if (rollout === undefined) return { ...way, before: { kind: 'nothing' } }
      return whenBusy(policy.ifBusy, describeRollout(rollout), way, question)
    case 'free':
      return { ...way, before: { kind: 'nothing' } }
    case 'lapsed':
      return { ...way, before: { kind: 'go-back', why: `it was abandoned: ${standing.why}` } }
    case 'busy':
      return whenBusy(policy.ifBusy, standing.who, way, question)
    case 'ours':
      return mine === undefined ? { ...way, before: { kind: 'nothing' } } : whenOurs(mine, question, way)
  }
}

type Way = Pick<Extract<DeployDecision, { do: 'open' }>, 'do' | 'kind' | 'handle' | 'notice'>

/**
 * A release that was stable before comes back at once, as it was recorded; one that was taken back last is an ordinary
 * rollout, of the build that this step brings if that is another one.
 */
function wayOf(past: KnownRelease | undefined, { policy, otherBuilds }: DeployQuestion): Omit<Way, 'do'> {
  if (past === undefined) return { kind: 'rollout' }
  const { version } = past.release
  const recorded = past.handle === undefined ? {} : { handle: past.handle }
  const rebuilt = past.handle !== undefined && otherBuilds.has(past.handle)
  const fresh = rebuilt ? {} : recorded
  if (past.latest === 'taken-back') {
    const what = rebuilt ? 'This is another build, and it' : 'It'
    return {
      kind: 'rollout',
      ...fresh,
      notice: `${version} was taken back at ${past.at}: ${past.reason ?? 'no reason recorded'}. ${what} is rolled out like any other.`,
    }
  }
  if (policy.returnAs === 'rollout') return { kind: 'rollout', ...fresh }
  const warning = ` The build that this step brings is another one and is not used: give each build a version of its own.`
  return {
    kind: 'return',
    ...recorded,
    notice: `${version} was stable before: this is a return. It uses the rollout.yml of its own commit.${rebuilt ? warning : ''}`,
  }
}

/** Whether a record has the release’s label and another build than the one that the step brings. */
function isTwin(
  { release, otherBuilds }: DeployQuestion,
  record: { readonly release: Release; readonly handle?: ReleaseHandle } | undefined,
): boolean {
  return (
    record?.handle !== undefined && sameRelease(record.release, release) && otherBuilds.has(record.handle)
  )
}

const OWN_VERSION = 'Give each build a version of its own'

function stableTwin({ version }: Release): UserError {
  return new UserError(`${version} is stable already, and this is another build under the same label`, {
    hint: `${OWN_VERSION}: what serves as ${version} is not what this step brings. Nothing was changed.`,
  })
}

function openTwin({ version }: Release): UserError {
  return new UserError(`the rollout of ${version} is open, and this is another build under the same label`, {
    hint: `${OWN_VERSION}, or run rollback first: a label that was taken back may come with another build. Nothing was changed.`,
  })
}

function whenOurs(rollout: OpenRollout, question: DeployQuestion, way: Way): DeployDecision {
  const { actor, release } = question
  if (rollout.phase === 'reserved') return { ...way, before: { kind: 'nothing' } }
  const sameAttempt = rollout.owner.attempt === actor.attempt && rollout.owner.run === actor.run
  if (!sameAttempt)
    return { ...way, before: { kind: 'go-back', why: `attempt ${actor.attempt} of the run begins anew` } }
  if (isUnderway(rollout)) {
    if (isTwin(question, rollout.candidate)) return { do: 'refuse', error: openTwin(release) }
    if (sameRelease(rollout.candidate.release, release)) return { do: 'resume', rollout }
    return { ...way, before: { kind: 'go-back', why: `the run deploys ${release.version} instead` } }
  }
  const error = new UserError(`this attempt’s rollout has failed: ${rollout.setback.reason}`, {
    hint: 'Only going back may follow: run rollback, then re-run all jobs, which opens a new rollout.',
  })
  return { do: 'refuse', error }
}

function whenBusy(
  ifBusy: IfBusy,
  who: string,
  way: Way,
  { service, actor, ledger }: DeployQuestion,
): DeployDecision {
  if (ifBusy === 'wait') return { do: 'wait', who }
  if (ifBusy === 'supersede')
    return {
      ...way,
      before: { kind: 'supersede', why: `superseded by run ${actor.run}, attempt ${actor.attempt}` },
    }
  const open = ledger.rollout === undefined ? who : `${describeRollout(ledger.rollout)}`
  const error = new UserError(`${service} is busy: ${open}`, {
    hint: 'Wait for it (`if-busy: wait`), displace it (`if-busy: supersede`, which takes it back first), or let that run finish or roll back. Nothing was changed.',
  })
  return { do: 'refuse', error }
}

function outgrown(release: Release, migration: string, reason: string): UserError {
  return new UserError(
    `${release.version} cannot run on today’s schema: the contract migration ${migration} stands in between (${reason})`,
    {
      hint: 'Go forward with a release that works on this schema, or restore what the migration removed first.',
    },
  )
}
