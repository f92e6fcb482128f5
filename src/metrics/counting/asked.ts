import type { MetricQuery, MetricWindow } from '../../rollout/ports/metric-source.js'
import { latencyOf, meanOf, scalarOf, shareOf, type Counted, type Total } from './counted.js'
import type { MetricSettings } from './metric-settings.js'
import { fold, FOLDS, type Fold, type Point } from './points.js'

/** What is asked of one side: queries, and what their answers come to. */
export interface Asked<Query> {
  readonly queries: readonly Query[]
  /** How what a query says of a window becomes one number. */
  readonly fold: Fold
  /** @param totals one for each query, in their order */
  readonly counted: (totals: readonly Total[]) => Counted
}

export function askShare<Query>(requests: Query, bad: readonly Query[]): Asked<Query> {
  const counted = ([all, ...wrong]: readonly Total[]): Counted => shareOf(all, wrong)
  return { queries: [requests, ...bad], fold: 'sum', counted }
}

/** @param atMost one query for each edge, and one for all requests */
export function askLatency<Query>(
  edgesMs: readonly number[],
  atMost: readonly Query[],
  all: Query,
): Asked<Query> {
  const counted = ([total, ...below]: readonly Total[]): Counted => latencyOf(edgesMs, below, total)
  return { queries: [all, ...atMost], fold: 'sum', counted }
}

export function askMean<Query>(values: Query, sum: Query, squares: Query): Asked<Query> {
  const counted = ([count, total, squared]: readonly Total[]): Counted => meanOf(count, total, squared)
  return { queries: [values, sum, squares], fold: 'sum', counted }
}

export function askScalar<Query>(query: Query, how: Fold): Asked<Query> {
  return { queries: [query], fold: how, counted: ([value]) => scalarOf(value) }
}

/** Shares, means and scalars of a source whose queries are texts; latency is each source's own. */
export function askTexts<Query>(
  { kind }: MetricQuery,
  settings: MetricSettings,
  example: string,
  queryOf: (text: string, key: string) => Query,
): Asked<Query> | undefined {
  const one = (key: string): Query => queryOf(settings.text(key, example), key)
  switch (kind) {
    case 'share':
      return askShare(
        one('requests'),
        settings.texts('bad', example).map((text) => queryOf(text, 'bad')),
      )
    case 'mean':
      return askMean(one('values'), one('sum'), one('squares'))
    case 'scalar':
      return askScalar(one('query'), settings.choice('aggregate', FOLDS, 'avg'))
    case 'latency':
      return undefined
  }
}

/** Counts each question in each window, of points that are fetched once for all of them. */
export async function countPoints<Query>(
  questions: readonly Asked<Query>[],
  windows: readonly MetricWindow[],
  fetch: (queries: readonly Query[], range: MetricWindow) => Promise<readonly (readonly Point[])[]>,
): Promise<readonly (readonly Counted[])[]> {
  const range = {
    fromMs: Math.min(...windows.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...windows.map(({ toMs }) => toMs)),
  }
  const points = await fetch(
    questions.flatMap(({ queries }) => queries),
    range,
  )
  let next = 0
  return questions.map((question) => {
    const own = points.slice(next, (next += question.queries.length))
    return windows.map((window) => question.counted(own.map((series) => fold(series, question.fold, window))))
  })
}
