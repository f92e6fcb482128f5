import { getState, saveState } from '@actions/core'
import type { Masks } from './masks.js'

/** What the post step must know of its main step. Nothing else is kept: what is true now is read from the ledger. */
export interface Remembered {
  readonly config: string
  readonly service?: string | undefined
  readonly environment?: string | undefined
  /** The rollout's id. */
  readonly state?: string | undefined
  readonly dryRun: boolean
}

const NAME = 'tuesday'
const TEXTS = ['config', 'service', 'environment', 'state'] as const

/**
 * Keeps it for the post step, at once, so that a killed step has told. GitHub keeps it in a file of the runner in
 * plain text: a value that contains a secret is left out, and the post step reads it from the inputs again.
 */
export function remember(remembered: Remembered, masks: Masks): void {
  const harmless = Object.entries(remembered).filter(
    ([, value]) => typeof value !== 'string' || masks.occurringIn(value) === undefined,
  )
  saveState(NAME, JSON.stringify(Object.fromEntries(harmless)))
}

/** What the main step kept; undefined when it came to nothing, and there is nothing to do then. */
export function recall(): Partial<Remembered> | undefined {
  const text = getState(NAME)
  if (text === '') return undefined
  const found: unknown = JSON.parse(text)
  if (typeof found !== 'object' || found === null)
    throw new Error(`the post step was left ${JSON.stringify(text)}`)
  const kept = new Map(Object.entries(found))
  const texts = TEXTS.map((name) => [name, kept.get(name)] as const).filter(
    ([, value]) => typeof value === 'string',
  )
  return { ...Object.fromEntries(texts), dryRun: kept.get('dryRun') === true }
}
