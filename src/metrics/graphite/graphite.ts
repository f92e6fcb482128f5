import type { MetricQuery, MetricSource, MetricWindow } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { askTexts, countPoints, type Asked } from '../counting/asked.js'
import { bucketsOf, type Counted } from '../counting/counted.js'
import { CountingSource, type Vendor } from '../counting/counting-source.js'
import { MetricSettings } from '../counting/metric-settings.js'
import { VendorServer, type Explanation } from '../counting/vendor-server.js'
import type { Answer } from '../http/exchange.js'
import type { SourceContext } from '../source-context.js'
import { fillGraphite } from './fill-graphite.js'
import { readRendered } from './read-rendered.js'
import type { GraphiteSettings } from './settings.js'

/** What carbon keeps where nothing else is said (https://graphite.readthedocs.io/en/latest/config-carbon.html#storage-schemas-conf); the lag is for a flush of statsd (10 s) and its way. */
const STEP_MS = 60_000
const LAG_MS = 20_000

/** So much before a window is asked for too, to see how far apart the points are. */
const PROBE_MS = 300_000

const EXAMPLE = 'stats_counts.shop.{{slot}}.requests'

/** Graphite, by its render API. @throws UserError if the settings cannot be used */
export function openGraphite(settings: GraphiteSettings, context: SourceContext): MetricSource {
  const { lagMs = LAG_MS, stepMs = STEP_MS } = settings
  const server = new VendorServer('graphite', settings, context, explain)
  return new CountingSource(new Graphite(server, lagMs, stepMs), context, server.clock)
}

class Graphite implements Vendor<Asked<string>> {
  readonly name = 'graphite'
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
    return (
      askTexts(metric, settings, EXAMPLE, (text) => fillGraphite(text, values)) ?? latency(settings, values)
    )
  }

  count(
    questions: readonly Asked<string>[],
    windows: readonly MetricWindow[],
  ): Promise<readonly (readonly Counted[])[]> {
    return countPoints(questions, windows, async (targets, { fromMs, toMs }) => {
      // A point belongs to an answer if it is after `from` and not after `until`; too many are dropped by their times.
      const body = new URLSearchParams({
        format: 'json',
        from: String(Math.floor((fromMs - PROBE_MS) / 1_000)),
        until: String(Math.ceil(toMs / 1_000)),
      })
      for (const [index, target] of targets.entries()) body.append('target', `alias(${target},'q${index}')`)
      const answer = await this.#server.json({ method: 'POST', path: '/render', body })
      return readRendered(answer, targets.length, this.stepMs, this.#server)
    })
  }
}

/** Bins of statsd: `{{edge}}` is an edge in milliseconds with `_` for its point, or `inf` (https://github.com/statsd/statsd/blob/master/docs/metric_types.md). */
function latency(settings: MetricSettings, values: Selector): Asked<string> {
  const given = settings.text('buckets', 'stats.timers.shop.{{slot}}.histogram.bin_{{edge}}')
  if (!given.includes('{{edge}}')) settings.refuse('buckets', given, 'a target with {{edge}} in it')
  const edgesMs = settings.edgesMs([])
  const names = [...edgesMs.map((edge) => String(edge).replace('.', '_')), 'inf']
  return {
    queries: names.map((edge) => fillGraphite(given, { ...values, edge })),
    fold: 'sum',
    counted: (counts) => bucketsOf(edgesMs, counts),
  }
}

function explain({ status }: Answer): Explanation {
  if (status === 401 || status === 403)
    return { hint: 'Look at basic, bearer or headers: who asks may not read.' }
  return status === 400 ? { hint: 'Correct the target of the metric as Graphite says.' } : {}
}
