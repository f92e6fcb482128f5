import type { Masks } from './masks.js'
import { forLog } from './plain-text.js'

/**
 * Text for the log without secrets and without commands to the runner. Redacted before and after, since taking
 * control characters out may put a secret together.
 */
export function printable(text: string, masks: Masks): string {
  return masks.redact(forLog(masks.redact(text)))
}
