import type { MetricQuery, MetricSource, MetricWindow } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { UserError } from '../../rollout/user-error.js'
import { askLatency, askTexts, countPoints, type Asked } from '../counting/asked.js'
import type { Counted } from '../counting/counted.js'
import { CountingSource, type Vendor } from '../counting/counting-source.js'
import { MetricSettings } from '../counting/metric-settings.js'
import type { Answer } from '../http/exchange.js'
import { VendorServer, type Explanation } from '../counting/vendor-server.js'
import { PROBE_MS, refuseCoarser } from '../point-spacing.js'
import type { SourceContext } from '../source-context.js'
import { fillDatadog } from './fill-datadog.js'
import { readTimeseries } from './read-timeseries.js'
import type { DatadogSettings } from './settings.js'

/**
 * Agents send what they counted every 10 s, and the timestamp is where those 10 s begin
 * (https://docs.datadoghq.com/extend/dogstatsd/data_aggregation/). The lag leaves time for Agents that are late and for
 * Datadog itself.
 */
const STEP_MS = 10_000
const LAG_MS = 60_000

const COUNTS = 'sum:http.requests{service:shop,slot:{{slot}}}.as_count()'
const DISTRIBUTION = 'trace.http.request{service:shop,slot:{{slot}}}'

/** Datadog's metrics, by its timeseries API. @throws UserError if the settings cannot be used */
export function openDatadog(settings: DatadogSettings, context: SourceContext): MetricSource {
  const { apiKey, applicationKey, headers, lagMs = LAG_MS, stepMs = STEP_MS } = settings
  const keys = { 'DD-API-KEY': apiKey, 'DD-APPLICATION-KEY': applicationKey }
  const url = settings.url ?? `https://api.${siteOf(settings)}`
  const server = new VendorServer(
    'datadog',
    { ...settings, url, headers: { ...headers, ...keys } },
    context,
    explain,
  )
  return new CountingSource(new Datadog(server, lagMs, stepMs), context, server.clock)
}

class Datadog implements Vendor<Asked<string>> {
  readonly name = 'datadog'
  readonly lagMs: number
  readonly stepMs: number
  readonly patienceMs: number
  readonly #server: VendorServer

  constructor(server: VendorServer, lagMs: number, stepMs: number) {
    this.#server = server
    this.patienceMs = server.patienceMs
    this.lagMs = lagMs
    this.stepMs = stepMs
  }

  question(metric: MetricQuery, values: Selector): Asked<string> {
    const settings = new MetricSettings(this.name, metric)
    const counting = metric.kind === 'scalar' ? anything : ofCounts
    const asked = askTexts(metric, settings, COUNTS, (text, key) =>
      counting(fillDatadog(text, values), key, settings),
    )
    return asked ?? latency(settings, values)
  }

  count(
    questions: readonly Asked<string>[],
    windows: readonly MetricWindow[],
  ): Promise<readonly (readonly Counted[])[]> {
    return countPoints(questions, windows, async (queries, { fromMs, toMs }) => {
      const attributes = {
        from: fromMs - PROBE_MS,
        to: toMs,
        interval: this.stepMs,
        queries: queries.map((query, index) => ({ data_source: 'metrics', name: `q${index}`, query })),
      }
      const body = { data: { type: 'timeseries_request', attributes } }
      const answer = await this.#server.json({ method: 'POST', path: '/api/v2/query/timeseries', body })
      const points = readTimeseries(answer, queries.length, this.stepMs, this.#server)
      if (questions.some(({ fold }) => fold === 'sum')) {
        refuseCoarser(points, this.stepMs, 'step', this.#server)
      }
      return points
    })
  }
}

/** `count(v: v<=0.1):metric{scope}` counts below a threshold (https://docs.datadoghq.com/metrics/distributions/#threshold-queries). */
function latency(settings: MetricSettings, values: Selector): Asked<string> {
  const given = settings.text('duration', DISTRIBUTION)
  if (!/^[A-Za-z][\w.]*\{[^{}]*(\{\{[^{}]*\}\}[^{}]*)*\}$/.test(given)) {
    settings.refuse(
      'duration',
      given,
      `the name of a distribution metric and its scope, such as ${DISTRIBUTION}`,
    )
  }
  const metric = fillDatadog(given, values)
  const perMs = settings.choice('unit', ['s', 'ms'], 's') === 's' ? 1_000 : 1
  const edgesMs = settings.edgesMs()
  const atMost = edgesMs.map((edge) => `count(v: v<=${edge / perMs}):${metric}.as_count()`)
  return askLatency(edgesMs, atMost, `count:${metric}.as_count()`)
}

/** Without it Datadog gives rates for each second, or means of several points. */
function ofCounts(query: string, key: string, settings: MetricSettings): string {
  return query.includes('.as_count()')
    ? query
    : settings.refuse(key, query, `a query of counts, such as ${COUNTS}`)
}

function anything(query: string): string {
  return query
}

function siteOf({ site = 'datadoghq.com' }: DatadogSettings): string {
  const host = site.replace(/^app\./, '')
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(host)) return host
  throw new UserError(
    `datadog: site is ${JSON.stringify(site)}; allowed: a site such as datadoghq.com or datadoghq.eu`,
    {
      hint: 'The site is in the address at which you see Datadog in the browser.',
    },
  )
}

function explain({ status }: Answer): Explanation {
  if (status === 401) return { hint: 'Look at api-key and site: keys of one site are unknown at the others.' }
  if (status !== 403) return {}
  return {
    hint: 'Look at api-key, application-key and site; the application key needs the scope timeseries_query.',
  }
}
