import type { MetricQuery } from '../../rollout/ports/metric-source.js'
import { UserError } from '../../rollout/user-error.js'
import { selectorFault } from './selector-faults.js'

/** Counters of requests and of bad ones among them: selectors such as `http_requests_total{pod=~"{{pods}}"}`. */
export interface ShareQuery {
  readonly kind: 'share'
  readonly requests: string
  /** Of several selectors the sum; none may select what another selects. */
  readonly bad: readonly string[]
}

/** Buckets of a classic histogram: a selector such as `http_request_duration_seconds_bucket{pod=~"{{pods}}"}`. */
export interface LatencyQuery {
  readonly kind: 'latency'
  readonly buckets: string
  /** What `le` is in. Default: seconds. */
  readonly unit: 's' | 'ms'
}

/** Sum and count of a histogram or summary, as selectors; values are not negative. */
export interface MeanQuery {
  readonly kind: 'mean'
  readonly sum: string
  readonly count: string
}

/** Any PromQL that gives one number at the end of a window; `{{range}}` is a duration to look back. */
export interface ScalarQuery {
  readonly kind: 'scalar'
  readonly query: string
}

export type PromqlQuery = ShareQuery | LatencyQuery | MeanQuery | ScalarQuery

const WANTED = {
  share: { needs: ['requests', 'bad'], may: [] },
  latency: { needs: ['buckets'], may: ['unit'] },
  mean: { needs: ['sum', 'count'], may: [] },
  scalar: { needs: ['query'], may: [] },
} as const

/** Reads what a metric says for this source. @throws UserError naming the metric, what was given and what is allowed */
export function promqlOf({ name, kind, settings = {} }: MetricQuery): PromqlQuery {
  const { needs, may } = WANTED[kind]
  const allowed: readonly string[] = [...needs, ...may]
  const stranger = Object.keys(settings).find((key) => !allowed.includes(key))
  if (stranger !== undefined) {
    throw new UserError(
      `metric ${name}: prometheus has no ${stranger} for kind ${kind}; allowed: ${allowed.join(', ')}`,
    )
  }
  const text = (key: string): string => {
    const given = settings[key]
    if (typeof given === 'string' && given.trim() !== '') return given.trim()
    throw new UserError(
      `metric ${name}: prometheus wants ${needs.join(' and ')} for kind ${kind}; ${key} is missing`,
      {
        hint: 'Write queries as in the documentation of source prometheus, or take a preset.',
      },
    )
  }
  const selector = (key: string): string => selectorIn(name, key, text(key))
  switch (kind) {
    case 'share':
      return { kind, requests: selector('requests'), bad: badOf(settings['bad'], name, selector) }
    case 'latency':
      return { kind, buckets: selector('buckets'), unit: unitOf(name, settings['unit']) }
    case 'mean':
      return { kind, sum: selector('sum'), count: selector('count') }
    case 'scalar':
      return { kind, query: text('query') }
  }
}

/** One selector or a list of them. */
function badOf(given: unknown, name: string, selector: (key: string) => string): readonly string[] {
  if (!Array.isArray(given) || given.length === 0) return [selector('bad')]
  return given.map((one: unknown) => selectorIn(name, 'bad', typeof one === 'string' ? one.trim() : ''))
}

function unitOf(name: string, given: unknown): 's' | 'ms' {
  if (given === undefined) return 's'
  if (given === 's' || given === 'ms') return given
  throw new UserError(`metric ${name}: unit is ${JSON.stringify(given)}; allowed: s, ms`)
}

function selectorIn(name: string, key: string, query: string): string {
  const fault = selectorFault(query)
  if (fault === undefined) return query
  throw new UserError(`metric ${name}: ${key} is ${JSON.stringify(query)}: it ${fault.what}`, {
    hint: `Write ${fault.allowed}.`,
  })
}
