import {
  candidateOf,
  CLOSED_LIMIT,
  isSameRetirement,
  RELEASES_LIMIT,
  type ClosedRollout,
  type KnownRelease,
  type Ledger,
  type OpenRollout,
  type Retirement,
} from './ledger/ledger.js'
import { withEntry } from './timeline.js'

/** How a rollout ends, and what the ledger remembers of it. */
export interface Closing {
  readonly outcome: ClosedRollout['outcome']
  readonly reason?: string
  readonly now: Date
  /** What is to be stopped, and when. */
  readonly retire: readonly Retirement[]
}

/** The ledger without its open rollout; everything in one document, so that it is written in one go. */
export function closeRollout(ledger: Ledger, rollout: OpenRollout, closing: Closing): Ledger {
  const { rollout: _closed, ...rest } = ledger
  const record = closedRecord(rollout, closing)
  return {
    ...rest,
    closed: [record, ...ledger.closed].slice(0, CLOSED_LIMIT),
    releases: remember(ledger.releases, rollout, closing),
    retire: [
      ...ledger.retire.filter((entry) => !closing.retire.some((later) => isSameRetirement(later, entry))),
      ...closing.retire,
    ],
  }
}

function closedRecord(rollout: OpenRollout, closing: Closing): ClosedRollout {
  const version = candidateOf(rollout)?.release.version
  const at = closing.now.toISOString()
  const what = {
    promoted: `${version ?? 'the release'} is stable now`,
    'taken-back': `taken back${closing.reason === undefined ? '' : `: ${closing.reason}`}`,
    withdrawn: 'closed before anything was deployed',
  }[closing.outcome]
  return {
    id: rollout.id,
    owner: rollout.owner,
    ...(rollout.job !== undefined && { job: rollout.job }),
    ...(version !== undefined && { version }),
    outcome: closing.outcome,
    ...(closing.reason !== undefined && { reason: closing.reason }),
    closedAt: at,
    timeline: withEntry(rollout.timeline, {
      at,
      what,
      weight: closing.outcome === 'promoted' ? 100 : 0,
    }).slice(-20),
  }
}

function remember(
  releases: readonly KnownRelease[],
  rollout: OpenRollout,
  closing: Closing,
): readonly KnownRelease[] {
  const candidate = candidateOf(rollout)
  if (candidate === undefined || closing.outcome === 'withdrawn') return releases
  const known: KnownRelease = {
    release: candidate.release,
    ...(candidate.handle !== undefined && { handle: candidate.handle }),
    latest: closing.outcome,
    ...(closing.reason !== undefined && { reason: closing.reason }),
    at: closing.now.toISOString(),
  }
  return [known, ...releases.filter((other) => other.release.version !== known.release.version)].slice(
    0,
    RELEASES_LIMIT,
  )
}
