import { parseLedger } from '../../src/rollout/ledger/ledger-format.js'
import type { Ledger } from '../../src/rollout/ledger/ledger.js'
import type { Outcome } from '../../src/rollout/outcome.js'
import type { Scene } from '../../src/rollout/scene.js'
import type { Shift } from '../../src/rollout/shift.js'
import type { Weight } from '../../src/rollout/weight.js'
import { ACTOR, Stage } from './memory-scene.js'

/** Another run of the same repository. */
export const OTHER = { ...ACTOR, run: '200' }

/** What a canary step asks for. */
export const step = (weight: number, holdMs = 10_000): Shift => ({
  weight: weight as Weight,
  holdMs,
  analyze: true,
})

/** The ledger as it is written. */
export function ledgerOf(stage: Stage): Ledger {
  return parseLedger(stage.ledgers.text ?? '', 'memory')
}

/** A stage on which a release is live. */
export async function stageWith(version: string): Promise<Stage> {
  const stage = new Stage()
  await stage.live(version)
  return stage
}

/** Deploys a release and takes it to a weight. */
export async function at(
  stage: Stage,
  version: string,
  weight: number,
  change: Partial<Scene> = {},
): Promise<Outcome> {
  await stage.conductor(change).deploy({ version })
  return stage.conductor(change).shift(step(weight))
}
