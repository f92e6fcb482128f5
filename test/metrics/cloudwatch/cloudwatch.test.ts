import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openCloudWatch } from '../../../src/metrics/cloudwatch/cloudwatch.js'
import type { CloudWatchSettings } from '../../../src/metrics/cloudwatch/settings.js'
import type { MetricQuery } from '../../../src/rollout/ports/metric-source.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { describeMetricSource } from '../../contracts/metric-source-contract.js'
import { awsError, CloudWatchDouble, targetGroup } from '../doubles/cloudwatch.js'
import { BOTH, EPOCH_MS, failureOf, VendorStage } from '../doubles/stage.js'
import { jsonReply } from '../doubles/vendor-double.js'

const dimensions = { LoadBalancer: CloudWatchDouble.loadBalancer, TargetGroup: '{{targetGroup}}' }

function metric(kind: MetricQuery['kind'], settings: Readonly<Record<string, unknown>> = {}): MetricQuery {
  return { name: 'checked', kind, settings: { dimensions, ...settings } }
}

const errors = metric('share')
const latency = metric('latency', { edges: [5, 100, 500] })

const slots = { blue: { targetGroup: targetGroup('blue') }, green: { targetGroup: targetGroup('green') } }

let stage: VendorStage<CloudWatchDouble>
const open = async (settings: Partial<CloudWatchSettings> = {}): Promise<VendorStage<CloudWatchDouble>> => {
  stage = await VendorStage.open(
    (now) => new CloudWatchDouble(now),
    (url, context) =>
      openCloudWatch(
        { url, region: CloudWatchDouble.region, ...CloudWatchDouble.who, slots, ...settings },
        context,
      ),
  )
  return stage
}

describeMetricSource('CloudWatch', async () => (await open()).harness(errors, latency))

describe('counts from CloudWatch', () => {
  beforeEach(() => open())
  afterEach(() => stage.close())

  it('are those of the target group of each slot, from all pages, signed, with no key in the address', async () => {
    const window = stage.serve({ blue: { good: 90, bad: 10 }, green: { good: 20, bad: 0 } }, { stepsLong: 3 })
    stage.double.count('blue', { good: 1, bad: 0, ms: 1 })
    expect(await stage.source.counts(errors, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'share', requests: 100, bad: 10 },
      candidate: { kind: 'share', requests: 20, bad: 0 },
    })
    expect(stage.double.asked.map(({ path }) => path)).toEqual(['/', '/'])
  })

  it('of response times are counts below each edge, made whole', async () => {
    const window = stage.serve({ blue: { good: 5, bad: 0, ms: 100 }, green: { good: 3, bad: 1, ms: 600 } })
    expect(await stage.source.counts(latency, BOTH, window)).toEqual({
      kind: 'samples',
      stable: { kind: 'latency', edgesMs: [5, 100, 500], counts: [0, 5, 0, 0] },
      candidate: { kind: 'latency', edgesMs: [5, 100, 500], counts: [0, 0, 0, 4] },
    })
  })

  it('may be a statistic for each block instead', async () => {
    const window = stage.serve({ green: { good: 5, bad: 0, ms: 400 } })
    const mean = metric('scalar', { query: 'TargetResponseTime', statistic: 'Average' })
    expect(await stage.source.counts(mean, BOTH, window)).toMatchObject({
      stable: undefined,
      candidate: { kind: 'scalar', value: 0.4 },
    })
  })

  it('may be of values, with their sum and that of their squares', async () => {
    const window = stage.serve({ green: { good: 5, bad: 2, ms: 500 } })
    const mean = metric('mean', {
      values: 'RequestCount',
      sum: 'TargetResponseTime',
      squares: 'HTTPCode_Target_5XX_Count',
    })
    expect(await stage.source.counts(mean, BOTH, window)).toMatchObject({
      candidate: { kind: 'mean', count: 7, sum: 3.5, sumOfSquares: 2 },
    })
  })

  it('are asked for with values as they are: dimensions are no language', async () => {
    const slot = 'a"b{{x}}\\'
    const window = stage.serve({ [slot]: { good: 4, bad: 1 } })
    const by = { stable: undefined, candidate: { slot } }
    const named = metric('share', {
      dimensions: { ...dimensions, TargetGroup: 'targetgroup/shop-{{slot}}/943f017f100becff' },
    })
    expect(await stage.source.counts(named, by, window)).toMatchObject({ candidate: { requests: 5, bad: 1 } })
  })

  it('are no data where there are no points', async () => {
    const window = stage.serve({})
    expect(await stage.source.counts(errors, BOTH, window)).toMatchObject({
      kind: 'no-data',
      why: expect.stringContaining('cloudwatch has nothing of it from 11:01:00 to 11:02:00 UTC'),
    })
  })

  it('fail where the points come less often than a period', async () => {
    const window = stage.serveEvery(300_000, 4)
    const { message } = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(message).toMatch(
      /^cloudwatch at http:\S+: "points come 300 s apart and not 60 s, so that .*: set period: 300s in the settings of the source"$/,
    )
    const mean = metric('scalar', { query: 'TargetResponseTime', statistic: 'Average' })
    expect(await stage.source.counts(mean, BOTH, window)).toMatchObject({ candidate: { kind: 'scalar' } })
  })

  it('are no data of what is not complete, and may be asked for later', async () => {
    const window = stage.serve({ green: { good: 1, bad: 0 } })
    const result = (Id: string, StatusCode: string) => ({ Id, StatusCode, Timestamps: [], Values: [] })
    const ids = ['q0', 'q1', 'q2', 'q3']
    stage.double.instead(jsonReply({ MetricDataResults: ids.map((id) => result(id, 'PartialData')) }))
    const partial = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(partial).toBeInstanceOf(TransientError)
    expect(partial.message).toContain('the data of RequestCount are not complete (PartialData)')
    stage.double.instead(
      jsonReply({ MetricDataResults: ids.slice(0, 3).map((id) => result(id, 'Complete')) }),
    )
    expect(await failureOf(stage.source.counts(errors, BOTH, window))).toBeInstanceOf(TransientError)
    const broken = { ...result('q1', 'InternalError'), Messages: [{ Code: 'Internal', Value: 'try later' }] }
    stage.double.instead(jsonReply({ MetricDataResults: [broken] }))
    const internal = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(internal).toBeInstanceOf(TransientError)
    expect(internal.message).toContain('HTTPCode_Target_5XX_Count: InternalError, Internal: try later')
    stage.double.instead(jsonReply({ MetricDataResults: [result('q0', 'Forbidden')] }))
    expect(await failureOf(stage.source.counts(errors, BOTH, window))).toMatchObject({
      hint: expect.stringContaining('cloudwatch:GetMetricData'),
    })
  })

  it('are asked for again where AWS is busy, which it tells as 400, or broken', async () => {
    const window = stage.serve({ green: { good: 7, bad: 0 } })
    stage.double.instead(
      awsError(400, 'ThrottlingException', 'Rate exceeded'),
      awsError(503, 'ServiceUnavailable', 'later'),
    )
    expect(await stage.source.counts(errors, BOTH, window)).toMatchObject({ candidate: { requests: 7 } })
    expect(stage.double.asked).toHaveLength(4)
  })

  it('fail with the name and the message of an error', async () => {
    const window = stage.serve({})
    const wrong = metric('scalar', { query: 'TargetResponseTime', statistic: 'Median' })
    const failure = await failureOf(stage.source.counts(wrong, BOTH, window))
    expect(failure).toMatchObject({ hint: 'Look at the namespace, dimensions and statistic of the metric.' })
    expect(failure.message).toMatch(
      /^cloudwatch at http:\S+ answered 400: "ValidationError: The value Median for parameter Stat is not supported\."$/,
    )
    stage.double.instead(
      awsError(400, 'ExpiredTokenException', 'The security token included in the request is expired'),
    )
    expect(await failureOf(stage.source.counts(errors, BOTH, window))).toMatchObject({
      hint: expect.stringContaining('role-duration-seconds'),
    })
  })

  it('are signed with the time of AWS once an answer has told it', async () => {
    const window = stage.serve({ green: { good: 2, bad: 0 } })
    const date = new Date(EPOCH_MS - 600_000).toUTCString()
    const early = awsError(403, 'SignatureDoesNotMatch', 'Signature not yet current')
    stage.double.instead({ ...early, headers: { date } })
    await failureOf(stage.source.counts(errors, BOTH, window))
    expect((await stage.source.now?.())?.getTime()).toBe(EPOCH_MS - 600_000)
    const refused = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(refused).toMatchObject({ hint: expect.stringContaining('the clock of this runner') })
    // The double's own time has told by now that the first was wrong.
    expect(await stage.source.counts(errors, BOTH, window)).toMatchObject({ candidate: { requests: 2 } })
  })
})

describe('settings of CloudWatch', () => {
  afterEach(() => stage.close())

  it.each<[Partial<CloudWatchSettings>, string, string]>([
    [{ secretAccessKey: 'wrong-secret-wrong-secret' }, 'SignatureDoesNotMatch', 'Look at secret-access-key'],
    [{ accessKeyId: 'AKIDWRONGWRONG' }, 'UnrecognizedClientException', 'configure-aws-credentials'],
    [
      { sessionToken: 'wrong-token-wrong-token' },
      'UnrecognizedClientException',
      'without their session token',
    ],
    [{ region: 'us-east-1' }, 'Credential should be scoped to a valid region', 'at region'],
  ])('that are refused are told with a hint, and without keys: %j', async (settings, said, hint) => {
    await open(settings)
    const window = stage.serve({ green: { good: 1, bad: 0 } })
    const failure = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(failure).toMatchObject({
      message: expect.stringContaining(said),
      hint: expect.stringContaining(hint),
    })
    const { accessKeyId, secretAccessKey, sessionToken } = { ...CloudWatchDouble.who, ...settings }
    stage.double.instead(
      awsError(400, 'ValidationError', `${accessKeyId} ${secretAccessKey} ${sessionToken}`),
    )
    const { message } = await failureOf(stage.source.counts(errors, BOTH, window))
    expect(message).toMatch(/answered 400: "ValidationError: \*\*\* \*\*\* \*\*\*"$/)
  })

  it('name what is missing, and who exports it', async () => {
    await open()
    const context = {
      clock: stage.clock,
      signal: new AbortController().signal,
      service: 's',
      warn: () => undefined,
    }
    const settings = { region: 'eu-central-1', accessKeyId: '', secretAccessKey: ' ' }
    expect(() => openCloudWatch(settings, context)).toThrow(
      expect.objectContaining({
        message: 'cloudwatch: access-key-id and secret-access-key are missing',
        hint: expect.stringMatching(
          /configure-aws-credentials .* Roles of instances and containers, and web identities/,
        ),
      }),
    )
    const keys = { accessKeyId: 'AKID', secretAccessKey: 'secret' }
    const at = (region: string, periodMs = 60_000): unknown =>
      openCloudWatch({ ...keys, region, periodMs }, context)
    expect(() => at('evil.example/#')).toThrow('region is "evil.example/#"; allowed: a region such as')
    expect(() => at('eu-central-1', 45_000)).toThrow(
      'period is 45 s; allowed: 1 s, 5 s, 10 s, 30 s, or whole minutes',
    )
    expect(at('us-gov-west-1')).toMatchObject({ name: 'cloudwatch', stepMs: 60_000, lagMs: 120_000 })
  })
})

describe('a metric of CloudWatch', () => {
  beforeEach(() => open())
  afterEach(() => stage.close())

  it.each<[MetricQuery, string]>([
    [metric('share', { dimensions: undefined }), 'dimensions is missing'],
    [metric('share', { dimensions: { LoadBalancer: 5 } }), 'dimensions is {"LoadBalancer":5}; allowed: {'],
    [metric('share', { namespace: 'Shop' }), 'requests is missing, by which cloudwatch counts a share'],
    [
      metric('share', { dimensions: { TargetGroup: '{{group}}' } }),
      '{{group}} in the query {{group}} is unknown',
    ],
    [metric('latency', { unit: 'min' }), 'unit is "min"; allowed: s, ms'],
  ])('is refused before anything is asked: %j', async (wrong, said) => {
    const failure = await failureOf(stage.source.counts(wrong, BOTH, { fromMs: 0, toMs: 60_000 }))
    expect(failure).toBeInstanceOf(UserError)
    expect(failure.message).toContain(said)
    expect(stage.double.asked).toEqual([])
  })
})
