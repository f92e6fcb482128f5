import { placeholdersIn } from '../../metrics/placeholders.js'
import { withoutStrings } from '../../metrics/prometheus/place-in-promql.js'
import type { MetricRule } from '../../rollout/ports/judge.js'
import type { SourceKind } from './source-schema.js'

/*
 * A query that is the same of both sides compares a release with itself: whatever it does, it passes.
 */

type Kind = MetricRule['kind']

/** Whose counts a metric asks for is said by each of these keys, or, of `either`, by the one or by all the others. */
interface SideKeys {
  readonly each: readonly string[]
  readonly either?: string
}

const COUNTS: Readonly<Record<Kind, readonly string[]>> = {
  share: ['requests', 'bad'],
  latency: ['buckets', 'duration'],
  mean: ['sum', 'count', 'values', 'squares'],
  scalar: ['query', 'value'],
}

function sideKeys(source: SourceKind, kind: Kind): SideKeys {
  switch (source) {
    case 'local':
      return { each: [] }
    case 'cloudwatch':
      return { each: ['dimensions'] }
    case 'newrelic':
      return { each: ['where'] }
    case 'web':
      return { each: COUNTS[kind], either: 'path' }
    default:
      return { each: COUNTS[kind] }
  }
}

/** What of a metric says nothing of the side: its keys, with the place in a list. */
export interface Sideless {
  readonly key: string
  /** Of a list, which one. */
  readonly index?: number
  readonly text: string
}

/**
 * The queries of a metric that are the same of both sides.
 * @param apart the placeholders that tell the sides apart
 */
export function sidelessQueries(
  source: SourceKind,
  kind: Kind,
  queries: Readonly<Record<string, unknown>>,
  apart: readonly string[],
): readonly Sideless[] {
  const { each, either } = sideKeys(source, kind)
  if (either !== undefined && textsOf(queries[either]).some(({ text }) => tellsSide(text, apart))) return []
  const missing = each.flatMap((key) => {
    const texts = textsOf(queries[key])
    // All dimensions together select; of a list each is a query of its own.
    const isOne = key === 'dimensions' && texts.some(({ text }) => tellsSide(text, apart))
    return isOne ? [] : texts.filter(({ text }) => !tellsSide(text, apart)).map((one) => ({ key, ...one }))
  })
  if (either === undefined || missing.length === 0) return onlyFirst(missing)
  return textsOf(queries[either]).map(({ text }) => ({ key: either, text }))
}

/** Dimensions are told once, not each. */
function onlyFirst(missing: readonly Sideless[]): readonly Sideless[] {
  return missing.filter(({ key }, at) => key !== 'dimensions' || at === 0)
}

function textsOf(value: unknown): readonly Omit<Sideless, 'key'>[] {
  if (typeof value === 'string') return [{ text: value }]
  if (Array.isArray(value)) {
    return value.flatMap((one: unknown, index) => (typeof one === 'string' ? [{ text: one, index }] : []))
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((one: unknown) => (typeof one === 'string' ? [{ text: one }] : []))
}

/** A variable outside of quotes may hold anything, the placeholder too: it is not known before it is filled in. */
function tellsSide(text: string, apart: readonly string[]): boolean {
  return placeholdersIn(text).some((name) => apart.includes(name)) || withoutStrings(text).includes('${')
}
