import type { Selector } from '../../rollout/ports/platform.js'
import { fillPromql } from './fill-promql.js'
import type { PromqlQuery } from './metric-settings.js'

/** A query with its placeholders filled in for one side. @param range what `{{range}}` becomes: `30s` */
export function filledFor<Query extends PromqlQuery>(query: Query, values: Selector, range: string): Query {
  const fill = (text: string): string => fillPromql(text, values, query.kind === 'scalar' ? { range } : {})
  const filled = (given: string | readonly string[]) =>
    typeof given === 'string' ? fill(given) : given.map(fill)
  const entries = Object.entries(query).map(([key, given]) => [key, PROMQL.has(key) ? filled(given) : given])
  return { ...query, ...Object.fromEntries(entries) }
}

/** Which parts of a query are PromQL. */
const PROMQL = new Set(['requests', 'bad', 'buckets', 'sum', 'count', 'query'])
