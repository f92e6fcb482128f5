import type { Selector } from '../../rollout/ports/platform.js'
import { fillQuery, refuseFilling } from '../counting/fill-query.js'

/** https://docs.datadoghq.com/getting_started/tagging/#define-tags */
const LONGEST_TAG = 200

/**
 * A metric query with its placeholders filled in. The language has no quotes: values of tags are stored in small letters and
 * with an underscore for every sign that is no letter, digit, `_`, `-`, `:`, `.` or `/`, and so they are asked for.
 */
export function fillDatadog(query: string, values: Selector): string {
  return fillQuery(query, values, (filling) => {
    const scope = filling.before.replace(/\{\{[^{}]*\}\}/g, '')
    const hint = `Write {tag:{{${filling.name}}}}.`
    if (!/\{[^{}]*$/.test(scope))
      refuseFilling(filling, 'does not stand in the braces that select tags', hint)
    if (filling.pattern) refuseFilling(filling, 'is a pattern, which a tag cannot be', hint)
    const stored = filling.value.toLowerCase().replace(/[^\p{L}\p{N}_\-:./]/gu, '_')
    if (stored === '') refuseFilling(filling, 'is empty, and the value of a tag cannot be')
    return [...stored].slice(0, LONGEST_TAG).join('')
  })
}
