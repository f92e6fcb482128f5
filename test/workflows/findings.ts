import { bounces } from '../load/bounces.ts'
import { describeVerdict } from '../load/describe-verdict.ts'
import type { Moments } from '../load/moments.ts'
import { share, type Share } from '../load/share.ts'
import type { Evidence, Verdict } from '../load/verdict.ts'

/** What "0 lost" must stand for at least. */
export const LEAST_REQUESTS = 10_000
/** What a share must stand on at least: requests without cookies. */
export const LEAST_FOR_SHARE = 5_000
/** How far a share may be from the weight, in percentage points. */
export const SHARE_POINTS = 3
/** Clients with a cookie that must have been seen, or nothing was shown about them. */
const LEAST_STICKY = 20

/** What clients have seen of one scenario. */
export interface Findings {
  readonly verdict: Verdict
  readonly evidence: Evidence
}

/** The share a version got, in percent. @throws Error if it stands on too few requests */
export function shareOf({ evidence }: Findings, version: string, moments: Moments): Share {
  const found = share(evidence.record, version, moments)
  if (found.requests < LEAST_FOR_SHARE)
    throw new Error(`a share on ${found.requests} requests; it needs ${LEAST_FOR_SHARE}`)
  return found
}

/** What clients must have seen in every scenario; the words say what they saw instead. */
export function problemsSeen(findings: Findings, rollout: Parameters<typeof bounces>[1]): readonly string[] {
  const { verdict: seen, evidence } = findings
  const sticky = bounces(evidence.record, rollout)
  return [
    ...(seen.sent < LEAST_REQUESTS ? [`only ${seen.sent} requests were sent`] : []),
    ...(seen.lost > 0 ? [`${seen.lost} requests were lost: ${describeVerdict(seen)}`] : []),
    ...(sticky.bounces.length > 0
      ? [`sticky clients bounced: ${JSON.stringify(sticky.bounces.slice(0, 5))}`]
      : []),
    ...(sticky.clients < LEAST_STICKY ? [`only ${sticky.clients} clients were given a cookie`] : []),
  ]
}

/** How long after a moment (milliseconds since 1970) the last request was sent that a version answered, in milliseconds. */
export function lastAnswerAfter({ verdict }: Findings, version: string, moment: number): number {
  const seen = verdict.byVersion[version]
  if (seen === undefined) throw new Error(`${version} has answered nobody`)
  return seen.lastSent - moment
}
