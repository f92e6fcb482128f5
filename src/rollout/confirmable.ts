import { formatDuration } from './duration.js'
import { canExpress } from './ports/router.js'
import type { Session } from './session.js'
import { answersToConfirm } from './share-test.js'
import { UserError } from './user-error.js'
import { ALL, type Weight } from './weight.js'

/** A deadline is advised in whole steps of this, in milliseconds. */
const DEADLINE_STEP_MS = 30_000

/**
 * A small share takes many answers to be told from half and double of it. A weight that would only use up its deadline is
 * refused before anything starts.
 * @throws UserError that names the weights, the least one that can be confirmed, and what makes room for less
 */
export function requireConfirmable({ scene, ledger }: Session, weights: readonly Weight[]): void {
  const { router, witness, policy } = scene
  if (router === undefined || witness === undefined || ledger.stable === undefined) return
  const { confirmRate } = policy
  const { confirmDeadlineMs } = policy.timing
  const answers = Math.floor((confirmRate * confirmDeadlineMs) / 1_000)
  const small = weights.filter((weight) => weight > 0 && weight < ALL && !fits(weight, answers))
  if (small.length === 0) return
  const needed = answersToConfirm(Math.min(...small) / 100)
  const hundredths = Array.from({ length: 9_999 }, (_, index) => ((index + 1) / 100) as Weight)
  const least = hundredths.find((weight) => canExpress(router.can, weight) && fits(weight, answers))
  const begin = least === undefined ? 'Go to 100 % at once' : `Begin with ${least} % or more`
  const neededMs = Math.ceil((needed * 1_000) / confirmRate / DEADLINE_STEP_MS) * DEADLINE_STEP_MS
  throw new UserError(
    `${small.join(', ')} % cannot be confirmed by real answers within ${formatDuration(confirmDeadlineMs)}: that takes ${needed} of them, and ${confirmRate} a second are ${answers}`,
    {
      hint: `${begin}, or set \`timing.confirm-deadline: ${formatDuration(neededMs)}\`${confirmRate < 200 ? ' or a higher `confirm.rate`' : ''}. Nothing was changed.`,
    },
  )
}

function fits(weight: Weight, answers: number): boolean {
  return answersToConfirm(weight / 100) <= answers
}
