import { candidateOf } from '../ledger/ledger.js'
import type { Release, ReleaseHandle } from '../release.js'
import type { Session } from '../session.js'

/** Where a deploy takes its build from: what the step `brought`, or what was `recorded` when it was placed before. */
export type Origin = 'brought' | 'recorded'

/** Handles of builds under the release's label that are others than the one that this step brings, if it brings one. */
export async function otherBuildsOf(
  { scene, ledger }: Session,
  release: Release,
  origin: Origin,
): Promise<ReadonlySet<ReleaseHandle>> {
  const others = new Set<ReleaseHandle>()
  if (origin === 'recorded') return others
  const records = [ledger.stable, candidateOf(ledger.rollout), ...ledger.releases]
  const handles = records.flatMap((record) =>
    record?.release.version === release.version && record.handle !== undefined ? [record.handle] : [],
  )
  for (const handle of new Set(handles))
    if (await scene.platform.isOtherBuild(release, handle)) others.add(handle)
  return others
}
