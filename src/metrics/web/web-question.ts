import type { MetricQuery } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { harmless } from '../../smoke/harmless-text.js'
import { bucketsOf, meanOf, scalarOf, shareOf, type Counted } from '../counting/counted.js'
import { MetricSettings } from '../counting/metric-settings.js'
import { fillJsonPath } from './fill-address.js'
import { numbersAt, oneNumberAt, sumAt, type JsonAnswer } from './json-numbers.js'
import { lacksOfWindow } from './window-in-path.js'

/** What is asked for one side. */
export interface WebQuestion {
  /** The metric, in messages. */
  readonly what: string
  /** Path and query; only the window is not filled in yet. */
  readonly path: string
  readonly values: Selector
  /** @throws UserError if the answer has not what is wanted where it should be */
  counted(answer: JsonAnswer): Promise<Counted>
}

const PATH = '/stats?slot={{slot}}&from={{from}}&to={{to}}'

/** @throws UserError for what a metric says wrongly */
export function questionOf(metric: MetricQuery, values: Selector): WebQuestion {
  const settings = new MetricSettings('web', metric)
  const path = settings.text('path', PATH)
  if (lacksOfWindow(path, metric.kind !== 'scalar') !== undefined) {
    settings.refuse('path', path, `a path that names both ends of the window, such as ${PATH}`)
  }
  return { what: `metric ${metric.name}`, path, values, counted: countedBy(metric, settings, values) }
}

function countedBy(
  metric: MetricQuery,
  settings: MetricSettings,
  values: Selector,
): (answer: JsonAnswer) => Promise<Counted> {
  const at = (key: string, example: string): string => fillJsonPath(settings.text(key, example), values)
  switch (metric.kind) {
    case 'share': {
      const [requests, bad] = [at('requests', '$.requests'), at('bad', '$.errors')]
      return async (answer) => shareOf(await sumAt(answer, requests), [await sumAt(answer, bad)])
    }
    case 'latency': {
      const buckets = at('buckets', '$.latency.counts[*]')
      const edges = edgesBy(metric, settings, values)
      return async (answer) => latency(await edges(answer), await numbersAt(answer, buckets))
    }
    case 'mean': {
      const [count, sum, squares] = [at('values', '$.count'), at('sum', '$.sum'), at('squares', '$.squares')]
      return async (answer) =>
        meanOf(await sumAt(answer, count), await sumAt(answer, sum), await sumAt(answer, squares))
    }
    case 'scalar': {
      const value = at('value', '$.value')
      return async (answer) => scalarOf(await oneNumberAt(answer, value))
    }
  }
}

/** Edges in milliseconds: from the answer, or as the metric lists them. */
function edgesBy(
  metric: MetricQuery,
  settings: MetricSettings,
  values: Selector,
): (answer: JsonAnswer) => Promise<readonly number[]> {
  const unit = settings.choice('unit', ['s', 'ms'], 's')
  if (Array.isArray(metric.settings?.['edges'])) {
    const edgesMs = settings.edgesMs()
    return () => Promise.resolve(edgesMs)
  }
  const path = fillJsonPath(settings.text('edges', '$.latency.edges[*]'), values)
  return async (answer) => {
    const edges = await numbersAt(answer, path)
    return edges.map((edge) => Number((unit === 's' ? edge * 1_000 : edge).toPrecision(12)))
  }
}

function latency(edgesMs: readonly number[], counts: readonly number[]): Counted {
  if (counts.length !== edgesMs.length + 1) {
    const why = `${counts.length} buckets with ${edgesMs.length} edges: the last bucket has no edge, so one more is wanted`
    return { kind: 'unsound', why }
  }
  if (edgesMs.some((edge, index) => edge <= (edgesMs[index - 1] ?? 0))) {
    return { kind: 'unsound', why: harmless(`edges do not rise: ${edgesMs.join(', ')} ms`) }
  }
  return bucketsOf(edgesMs, counts)
}
