import type { Place, Split } from '../../../rollout/place.js'
import { shareOf } from '../../../rollout/place.js'
import type { ForwarderSettings } from './forwarder.js'
import { LATENCY_EDGES_MS } from './latency-edges.js'
import type { ReplicaLink } from './replica-link.js'
import type { RouteTable } from './route-table.js'
import type { LabelledSeries, SlotCounters } from './slot-counters.js'

type Labels = Readonly<Record<string, string>>

/** The text of one scrape: families in order, each with its HELP and TYPE. */
class Exposition {
  private readonly lines: string[] = []
  private readonly common: Labels

  constructor(common: Labels) {
    this.common = common
  }

  family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): void {
    this.lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
  }

  sample(name: string, labels: Labels, value: number): void {
    const parts = Object.entries({ ...this.common, ...labels }).map(
      ([label, text]) => `${label}="${escapeLabel(text)}"`,
    )
    this.lines.push(parts.length === 0 ? `${name} ${value}` : `${name}{${parts.join(',')}} ${value}`)
  }

  get text(): string {
    return `${this.lines.join('\n')}\n`
  }
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/: backslash, quote and line feed are escaped. */
function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

/** The state of a forwarder in Prometheus text format 0.0.4. Latencies are in seconds there. */
export function prometheusText(
  table: RouteTable,
  counters: SlotCounters,
  { service, environment }: Pick<ForwarderSettings, 'service' | 'environment'>,
): string {
  const out = new Exposition({
    ...(service !== undefined && { service }),
    ...(environment !== undefined && { environment }),
  })
  answers(out, counters.labelled)
  latencies(out, counters.labelled)
  inFlight(out, table.everyLink)
  places(out, table, counters)
  out.family('tuesday_unrouted_requests_total', 'counter', 'Requests that came while nothing was live.')
  out.sample('tuesday_unrouted_requests_total', {}, counters.unrouted)
  return out.text
}

function labelsOf({ place, version, entry }: LabelledSeries): Labels {
  return { slot: place, version, entry }
}

function answers(out: Exposition, labelled: readonly LabelledSeries[]): void {
  out.family('tuesday_requests_total', 'counter', 'Requests answered, by class of status.')
  for (const one of labelled) {
    for (const kind of [1, 2, 3, 4, 5] as const) {
      const labels = { ...labelsOf(one), class: `${kind}xx` }
      out.sample('tuesday_requests_total', labels, one.series.sums.ofClass(kind))
    }
  }
  out.family('tuesday_errors_total', 'counter', 'Answers with 5xx, broken off, or made for want of one.')
  for (const one of labelled) out.sample('tuesday_errors_total', labelsOf(one), one.series.sums.errors)
}

function latencies(out: Exposition, labelled: readonly LabelledSeries[]): void {
  const name = 'tuesday_request_duration_seconds'
  out.family(name, 'histogram', 'From the arrival of a request to the end of its answer.')
  for (const one of labelled) {
    const labels = labelsOf(one)
    let upTo = 0
    one.series.sums.latency.forEach((count, index) => {
      upTo += count
      const edge = LATENCY_EDGES_MS[index]
      const le = edge === undefined ? '+Inf' : `${edge / 1_000}`
      out.sample(`${name}_bucket`, { ...labels, le }, upTo)
    })
    out.sample(`${name}_sum`, labels, one.series.latencySumMs / 1_000)
    out.sample(`${name}_count`, labels, upTo)
  }
}

function inFlight(out: Exposition, links: readonly ReplicaLink[]): void {
  out.family('tuesday_in_flight', 'gauge', 'Requests and websockets in flight.')
  const sums = new Map<string, { labels: Labels; count: number }>()
  for (const link of links) {
    for (const kind of ['request', 'websocket'] as const) {
      const labels = { slot: link.place, version: link.version, kind }
      const key = JSON.stringify(labels)
      const count = (sums.get(key)?.count ?? 0) + link.inFlightOf(kind)
      sums.set(key, { labels, count })
    }
  }
  for (const { labels, count } of sums.values()) out.sample('tuesday_in_flight', labels, count)
}

function places(out: Exposition, table: RouteTable, counters: SlotCounters): void {
  const { split } = table.splitState
  const known = knownPlaces(table, counters, split)
  const each = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    value: (place: Place) => number,
  ): void => {
    out.family(name, type, help)
    for (const place of known) out.sample(name, { slot: place }, value(place))
  }
  each('tuesday_weight_percent', 'gauge', 'Share of the requests, in percent.', (place) =>
    shareOf(split, place),
  )
  each('tuesday_ready_replicas', 'gauge', 'Replicas that get requests.', (place) => table.ready(place))
  each(
    'tuesday_failovers_total',
    'counter',
    'Requests that went elsewhere for want of a replica here.',
    (place) => counters.failovers(place),
  )
  each(
    'tuesday_retries_total',
    'counter',
    'Requests sent again, since a replica here had not taken them.',
    (place) => counters.retries(place),
  )
}

/** Both slots always, so that a zero is there to be read; `live` where it is used. */
function knownPlaces(table: RouteTable, counters: SlotCounters, split: Split): readonly Place[] {
  const live = split.live !== undefined || table.ready('live') > 0 || counters.failovers('live') > 0
  return live ? ['blue', 'green', 'live'] : ['blue', 'green']
}
