import { toldOf } from './failure.js'
import { forMarkdown, onOneLine, ourMarkdown } from './plain-text.js'
import { linesOf } from './summary-lines.js'
import type { Plain } from './summary-table.js'
import { UserError } from '../rollout/user-error.js'

/**
 * The job summary of a step that came to no outcome: an input or the config is wrong, or a bug of ours stopped it. A
 * refusal comes before anything is changed; of a bug that is not known.
 *
 * @param redact takes secrets out of a text
 */
export function failureSummaryOf(step: string, thrown: unknown, redact: (text: string) => string): string {
  const plain: Plain = (text, limit) => forMarkdown(redact(onOneLine(redact(text))), limit)
  const ours: Plain = (text, limit) => ourMarkdown(redact(onOneLine(redact(text))), limit)
  const { message, hint } = toldOf(thrown)
  const traffic =
    thrown instanceof UserError
      ? 'this step changed nothing: requests go where they went before it.'
      : 'what this step changed before that is in its log. Run the step again, or the action `rollback`: both read how things stand first.'
  const lines = [
    `### ❌ ${plain(step)}: failed`,
    linesOf(message, plain),
    ...(hint === undefined ? [] : [`**What to do:** ${ours(hint, 1_000)}`]),
    `**Traffic:** ${traffic}`,
  ]
  return `${lines.join('\n\n')}\n`
}
