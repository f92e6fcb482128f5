import { refusalOf, type Principal } from './signature-v4.js'
import { Strange, VendorDouble, type Asked, type Reply, type Request } from './vendor-double.js'

interface MetricDataQuery {
  readonly Id: string
  readonly MetricStat: {
    readonly Metric: {
      readonly Namespace: string
      readonly MetricName: string
      readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[]
    }
    readonly Period: number
    readonly Stat: string
  }
}

interface GetMetricData {
  readonly MetricDataQueries: readonly MetricDataQuery[]
  readonly StartTime: number
  readonly EndTime: number
  readonly NextToken?: string
  readonly ScanBy?: string
}

interface Result {
  readonly Id: string
  readonly Label: string
  readonly Timestamps: readonly number[]
  readonly Values: readonly number[]
  readonly StatusCode: string
}

/**
 * CloudWatch's GetMetricData over JSON 1.0, written from
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/making-api-requests.html (headers, X-Amz-Target),
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html and API_MetricDataResult.html
 * (start included, end not; PartialData with NextToken; a metric without data has no points),
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html (TC is an estimate),
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html (metrics of ALB,
 * nothing is reported where there is nothing), https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html.
 * The first page never has everything.
 */
export class CloudWatchDouble extends VendorDouble {
  static readonly who: Principal & { readonly sessionToken: string } = {
    accessKeyId: 'AKIDEXAMPLE0123',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE//////////token',
  }
  static readonly region = 'eu-central-1'
  static readonly loadBalancer = 'app/shop/50dc6c495c0c9188'

  constructor(now: () => number) {
    super(now, 100_000)
  }

  protected answer(asked: Asked): Reply {
    const { method, path, headers, body } = asked
    if (method !== 'POST' || path !== '/') throw new Strange(`${method} ${path}`)
    const refused = refusalOf(asked, CloudWatchDouble.who, CloudWatchDouble.region, this.nowMs)
    if (refused !== undefined) return awsError(refused.status, refused.name, refused.message)
    if (headers['content-type'] !== 'application/x-amz-json-1.0')
      throw new Strange(`type ${headers['content-type']}`)
    if (headers['x-amz-target'] !== 'GraniteServiceVersion20100801.GetMetricData') {
      return awsError(400, 'UnknownOperationException', 'unknown operation')
    }
    return this.#getMetricData(JSON.parse(body) as GetMetricData)
  }

  #getMetricData({ MetricDataQueries: queries, StartTime, EndTime, NextToken }: GetMetricData): Reply {
    if (queries.length === 0 || queries.length > 500)
      return awsError(400, 'ValidationError', 'too many or no queries')
    if (StartTime >= EndTime) {
      return awsError(
        400,
        'ValidationError',
        'The parameter StartTime must be less than the parameter EndTime.',
      )
    }
    const results: Result[] = []
    for (const query of queries) {
      if (!/^[a-z]\w*$/.test(query.Id))
        return awsError(400, 'ValidationError', `The value ${query.Id} is not a valid Id.`)
      const { Period: period, Stat: stat } = query.MetricStat
      if (period % 60 !== 0 && ![1, 5, 10, 30].includes(period)) {
        return awsError(
          400,
          'InvalidParameterValueException',
          `The value ${period} for parameter Period is invalid.`,
        )
      }
      const values = this.#values(query, StartTime - (StartTime % 60), EndTime)
      if (values === undefined)
        return awsError(400, 'ValidationError', `The value ${stat} for parameter Stat is not supported.`)
      results.push(...this.#page(query, values, NextToken))
    }
    const token = NextToken === undefined ? { NextToken: 'page-2' } : {}
    return awsJson(200, { MetricDataResults: results, Messages: [], ...token })
  }

  /** The first half of the points, then the rest. */
  #page(
    { Id, MetricStat }: MetricDataQuery,
    values: ReadonlyMap<number, number>,
    token: string | undefined,
  ): Result[] {
    if (token !== undefined && token !== 'page-2') throw new Strange(`NextToken ${token}`)
    const points = [...values].sort(([one], [other]) => one - other)
    const half = Math.floor(points.length / 2)
    const page = token === undefined ? points.slice(0, half) : points.slice(half)
    return [
      {
        Id,
        Label: MetricStat.Metric.MetricName,
        Timestamps: page.map(([at]) => at),
        Values: page.map(([, value]) => value),
        StatusCode: token === undefined ? 'PartialData' : 'Complete',
      },
    ]
  }

  /** Values by the time at which their period begins; undefined for a statistic that there is not. */
  #values(
    { MetricStat: { Metric, Period, Stat } }: MetricDataQuery,
    from: number,
    to: number,
  ): Map<number, number> | undefined {
    const value = statistic(Stat)
    if (value === undefined) return undefined
    const of = measured(Metric.MetricName)
    const dimensions = Object.fromEntries(Metric.Dimensions.map(({ Name, Value }) => [Name, Value]))
    const known =
      Metric.Namespace === 'AWS/ApplicationELB' &&
      dimensions['LoadBalancer'] === CloudWatchDouble.loadBalancer &&
      Object.keys(dimensions).sort().join() === 'LoadBalancer,TargetGroup'
    const byPeriod = new Map<number, number[]>()
    if (!known || of === undefined) return new Map()
    for (const request of this.requests) {
      if (dimensions['TargetGroup'] !== targetGroup(request.slot)) continue
      const at = Math.floor(request.atMs / 1_000 / Period) * Period
      const sample = of(request)
      if (at >= from && at < to && sample !== undefined)
        byPeriod.set(at, [...(byPeriod.get(at) ?? []), sample])
    }
    return new Map([...byPeriod].map(([at, samples]) => [at, value(samples)]))
  }
}

/** The name of the target group of a slot. */
export function targetGroup(slot: string): string {
  return `targetgroup/shop-${slot}/943f017f100becff`
}

/** What a load balancer measures of a request; nothing is reported of what did not happen. */
function measured(metric: string): ((request: Request) => number | undefined) | undefined {
  if (metric === 'RequestCount') return () => 1
  if (metric === 'HTTPCode_Target_5XX_Count') return ({ bad }) => (bad ? 1 : undefined)
  if (metric === 'TargetResponseTime') return ({ ms }) => ms / 1_000
  return undefined
}

function statistic(stat: string): ((samples: readonly number[]) => number) | undefined {
  const sum = (samples: readonly number[]): number => samples.reduce((total, sample) => total + sample, 0)
  if (stat === 'Sum') return sum
  if (stat === 'SampleCount') return (samples) => samples.length
  if (stat === 'Average') return (samples) => sum(samples) / samples.length
  const below = /^TC\(:(\d+(?:\.\d{1,10})?)\)$/.exec(stat)
  // An estimate: near, and no whole number.
  if (below !== null) return (samples) => samples.filter((sample) => sample <= Number(below[1])).length + 0.07
  return undefined
}

function awsJson(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', ...headers },
    body: JSON.stringify(value),
  }
}

/** An error of JSON 1.0: `__type` is its name behind a namespace. */
export function awsError(status: number, name: string, message: string): Reply {
  return awsJson(status, { __type: `com.amazonaws.cloudwatch#${name}`, message })
}
