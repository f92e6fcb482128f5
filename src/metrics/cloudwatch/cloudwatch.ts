import type { MetricQuery, MetricSource, MetricWindow } from '../../rollout/ports/metric-source.js'
import type { Selector } from '../../rollout/ports/platform.js'
import { UserError } from '../../rollout/user-error.js'
import { countPoints, type Asked } from '../counting/asked.js'
import type { Counted } from '../counting/counted.js'
import { CountingSource, type Vendor } from '../counting/counting-source.js'
import { VendorServer } from '../counting/vendor-server.js'
import { refuseCoarser } from '../point-spacing.js'
import type { SourceContext } from '../source-context.js'
import { askCloudWatch, type MetricStat } from './ask-cloudwatch.js'
import { explainAws, isThrottled } from './aws-errors.js'
import { getMetricData, MOST_PAGES } from './get-metric-data.js'
import type { CloudWatchSettings } from './settings.js'
import { signer } from './signer.js'

/** Load balancers send their metrics every 60 s (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html), and it takes a while until all have come in. */
const PERIOD_MS = 60_000
const LAG_MS = 120_000

/** Amazon CloudWatch, by GetMetricData. @throws UserError if the settings cannot be used */
export function openCloudWatch(settings: CloudWatchSettings, context: SourceContext): MetricSource {
  const { region, lagMs = LAG_MS, periodMs = PERIOD_MS, slots = {} } = settings
  refuseIncomplete(settings)
  if (![1, 5, 10, 30].includes(periodMs / 1_000) && periodMs % 60_000 !== 0) {
    throw new UserError(
      `cloudwatch: period is ${periodMs / 1_000} s; allowed: 1 s, 5 s, 10 s, 30 s, or whole minutes`,
    )
  }
  const url =
    settings.url ??
    `https://monitoring.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`
  const { accessKeyId, secretAccessKey, sessionToken, ...reached } = settings
  const secrets = [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])]
  const server = new VendorServer('cloudwatch', { ...reached, url, secrets }, context, explainAws)
  const sign = signer(settings, url, server.clock)
  const ask = async (input: object): Promise<unknown> => {
    const body = JSON.stringify(input)
    const headers = await sign('GetMetricData', body)
    return server.json({ method: 'POST', path: '/', headers, body, isPassing: isThrottled })
  }
  return new CountingSource(
    new CloudWatch(server, ask, { lagMs, stepMs: periodMs, slots }),
    context,
    server.clock,
  )
}

class CloudWatch implements Vendor<Asked<MetricStat>> {
  readonly name = 'cloudwatch'
  readonly lagMs: number
  readonly stepMs: number
  readonly patienceMs: number
  readonly #slots: Readonly<Record<string, Selector>>
  readonly #server: VendorServer
  readonly #ask: (input: object) => Promise<unknown>

  constructor(
    server: VendorServer,
    ask: (input: object) => Promise<unknown>,
    { lagMs, stepMs, slots }: { lagMs: number; stepMs: number; slots: Readonly<Record<string, Selector>> },
  ) {
    this.#server = server
    this.patienceMs = server.patienceMs
    this.#ask = ask
    this.lagMs = lagMs
    this.stepMs = stepMs
    this.#slots = slots
  }

  /** Page by page. */
  rounds(): number {
    return MOST_PAGES
  }

  question(metric: MetricQuery, values: Selector): Asked<MetricStat> {
    const slot = values['slot'] ?? ''
    const ofSlot = Object.hasOwn(this.#slots, slot) ? this.#slots[slot] : {}
    return askCloudWatch(metric, { ...values, ...ofSlot })
  }

  count(
    questions: readonly Asked<MetricStat>[],
    windows: readonly MetricWindow[],
  ): Promise<readonly (readonly Counted[])[]> {
    return countPoints(questions, windows, async (queries, range) => {
      const points = await getMetricData(queries, range, this.stepMs / 1_000, this.#ask, this.#server)
      if (questions.some(({ fold }) => fold === 'sum')) {
        refuseCoarser(points, this.stepMs, 'period', this.#server)
      }
      return points
    })
  }
}

function refuseIncomplete({ region, accessKeyId, secretAccessKey }: CloudWatchSettings): void {
  const missing = Object.entries({
    region,
    'access-key-id': accessKeyId,
    'secret-access-key': secretAccessKey,
  })
    .filter(([, value]) => value.trim() === '')
    .map(([name]) => name)
  if (missing.length > 0) {
    throw new UserError(
      `cloudwatch: ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
      {
        hint: 'Run aws-actions/configure-aws-credentials before this step: it exports AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Roles of instances and containers, and web identities, are not read here.',
      },
    )
  }
  if (/^[a-z]{2}(-[a-z]+)+-\d+$/.test(region)) return
  throw new UserError(
    `cloudwatch: region is ${JSON.stringify(region)}; allowed: a region such as eu-central-1`,
  )
}
