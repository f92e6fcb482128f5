import { TransientError } from '../../rollout/ports/transient-error.js'
import type { MetricWindow } from '../../rollout/ports/metric-source.js'
import { field, list, text } from '../counting/json-shape.js'
import type { Point } from '../counting/points.js'
import type { VendorServer } from '../counting/vendor-server.js'
import { PROBE_MS } from '../point-spacing.js'
import type { MetricStat } from './ask-cloudwatch.js'

/** As many metrics one request may name. */
const MOST_QUERIES = 500

/** As many pages one question is worth. */
export const MOST_PAGES = 20

/**
 * Points of each query (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html), and of some time
 * before: all pages, since a page may leave points out.
 * @throws TransientError for results that are not complete, UserError for those that we may not see
 */
export async function getMetricData(
  queries: readonly MetricStat[],
  range: MetricWindow,
  periodSeconds: number,
  ask: (input: object) => Promise<unknown>,
  server: VendorServer,
): Promise<readonly (readonly Point[])[]> {
  const points: Point[][] = []
  for (let from = 0; from < queries.length; from += MOST_QUERIES) {
    const part = queries.slice(from, from + MOST_QUERIES)
    points.push(...(await allPages(part, inputOf(part, range, periodSeconds), ask, server)))
  }
  return points
}

async function allPages(
  queries: readonly MetricStat[],
  input: object,
  ask: (input: object) => Promise<unknown>,
  server: VendorServer,
): Promise<Point[][]> {
  const points = queries.map((): Point[] => [])
  const status = queries.map(() => 'missing')
  let token: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await ask(token === undefined ? input : { ...input, NextToken: token })
    for (const result of list(field(answer, 'MetricDataResults'))) {
      const index = Number(text(field(result, 'Id'))?.slice(1))
      points[index]?.push(...pointsOf(result))
      status[index] = text(field(result, 'StatusCode')) ?? 'missing'
      refuseBroken(result, queries[index], server)
    }
    token = text(field(answer, 'NextToken'))
    if (token === undefined) break
  }
  const incomplete = queries.find((_, index) => status[index] !== 'Complete')
  if (token === undefined && incomplete === undefined) return points
  throw new TransientError(
    server.told(`the data of ${incomplete?.metric ?? 'these metrics'} are not complete (PartialData)`),
  )
}

function inputOf(queries: readonly MetricStat[], range: MetricWindow, periodSeconds: number): object {
  const byId = queries.map(({ namespace, metric, dimensions, statistic }, index) => ({
    Id: `q${index}`,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: metric,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: periodSeconds,
      Stat: statistic,
    },
    ReturnData: true,
  }))
  const [StartTime, EndTime] = [(range.fromMs - PROBE_MS) / 1_000, range.toMs / 1_000]
  return { MetricDataQueries: byId, StartTime, EndTime, ScanBy: 'TimestampAscending' }
}

function pointsOf(result: unknown): Point[] {
  const values = list(field(result, 'Values'))
  return list(field(result, 'Timestamps')).flatMap((seconds, index) => {
    const value = values[index]
    return typeof seconds === 'number' && typeof value === 'number' ? [{ atMs: seconds * 1_000, value }] : []
  })
}

function refuseBroken(result: unknown, query: MetricStat | undefined, server: VendorServer): void {
  const status = text(field(result, 'StatusCode'))
  const said = list(field(result, 'Messages'))
    .map((message) =>
      [text(field(message, 'Code')), text(field(message, 'Value'))].filter(Boolean).join(': '),
    )
    .join('; ')
  const told = `${query?.metric ?? 'a metric'}: ${status ?? 'no status'}${said === '' ? '' : `, ${said}`}`
  if (status === 'InternalError') throw new TransientError(server.told(told))
  if (status === 'Forbidden') {
    throw server.failure(told, 'Allow the action cloudwatch:GetMetricData to these credentials.')
  }
}
