import { requireConfirmable } from '../confirmable.js'
import type { Before } from './decide-deploy.js'
import type { OpenRollout } from '../ledger/ledger.js'
import { shareOf, type Place } from '../place.js'
import type { Intent } from '../ports/platform.js'
import { canExpress } from '../ports/router.js'
import type { Release } from '../release.js'
import type { Session } from '../session.js'
import { readUndisturbed } from '../traffic.js'
import { UserError } from '../user-error.js'
import { ALL, type Weight } from '../weight.js'

/** A rollout that is about to be opened. */
export interface Undertaking {
  readonly release: Release
  readonly place: Place
  readonly kind: OpenRollout['kind']
  /** What has to be done with a rollout that is open already. */
  readonly before: Before
  /** Whether what serves now is being adopted: then no ledger says how it was left. */
  readonly adopted: boolean
  /** Whether the release is started again from what was recorded of it. */
  readonly recorded: boolean
}

/**
 * Everything that may refuse a rollout before anything is changed. Reads, and writes nothing.
 * @throws UserError that says what stands in its way and what mends it
 */
export async function preflight(session: Session, undertaking: Undertaking): Promise<void> {
  const { release, place, kind, recorded } = undertaking
  await requireUndisturbed(session, undertaking)
  refuseTwins(session, release)
  const weights = kind === 'return' ? [ALL] : session.scene.policy.plan.steps.map((step) => step.weight)
  requireExpressible(session, weights)
  requireConfirmable(session, weights)
  sayWhatIsNotKept(session, weights)
  await askPlatform(session, { release, place, weights, recorded })
  if (kind === 'return') await askSchema(session, release)
}

async function requireUndisturbed(session: Session, { before, adopted }: Undertaking): Promise<void> {
  if (session.scene.router === undefined || adopted || before.kind !== 'nothing') return
  const { split } = await readUndisturbed(session)
  if (session.scene.router.sides === 'variants' && shareOf(split, 'on') > 0) {
    throw new UserError('the flag still serves the former release to everybody', {
      hint: 'Make it the default, set the flag to 0, then deploy the next one.',
    })
  }
}

/** Where answers are asked for their version, two builds under one label could not be told apart: no share, no way back. */
function refuseTwins({ scene, ledger }: Session, release: Release): void {
  const stable = ledger.stable?.release
  if (scene.router === undefined || scene.witness === undefined || stable?.version !== release.version) return
  throw new UserError(
    `${release.version} is stable already, with the image ${stable.image ?? 'unknown'}; this is another build under the same label (${release.image ?? 'no image'})`,
    {
      hint: 'Give each build a version of its own: `confirm` asks the answers for it, and could not tell the two apart. Nothing was changed.',
    },
  )
}

function requireExpressible({ scene: { router } }: Session, weights: readonly Weight[]): void {
  if (router === undefined) return
  const impossible = weights.filter((weight) => !canExpress(router.can, weight))
  if (impossible.length > 0) {
    throw new UserError(`${router.name} cannot express ${impossible.join(', ')} %`, {
      hint: 'Change the plan; a weight is never rounded. Nothing was changed.',
    })
  }
}

/** A wish that this router cannot meet is said before anything starts, not found out by a visitor. */
function sayWhatIsNotKept(
  { scene: { router, narrator }, ledger }: Session,
  weights: readonly Weight[],
): void {
  const shared = weights.some((weight) => weight > 0 && weight < ALL)
  if (router === undefined || router.can.sticky || !shared || ledger.stable === undefined) return
  narrator.notice(
    `${router.name} does not keep a client at one release: between 0 and 100 % the same visitor may meet both`,
  )
}

async function askPlatform(session: Session, intent: Intent): Promise<void> {
  const { platform, narrator } = session.scene
  const findings = await platform.preflight(intent)
  for (const { what, mend } of findings.filter((finding) => finding.severity === 'warning'))
    narrator.warn(`${what}. ${mend}`)
  const errors = findings.filter((finding) => finding.severity === 'error')
  if (errors.length === 0) return
  throw new UserError(errors.map((finding) => finding.what).join('; '), {
    hint: `${errors.map((finding) => finding.mend).join(' ')} Nothing was changed.`,
  })
}

async function askSchema({ scene }: Session, release: Release): Promise<void> {
  const obstacle = await scene.schema?.obstacle(release)
  if (obstacle === undefined) return
  throw new UserError(
    `${release.version} cannot run on today’s schema: ${obstacle.migration} stands in between (${obstacle.why})`,
    { hint: 'Go forward with a release that works on this schema. Nothing was changed.' },
  )
}
