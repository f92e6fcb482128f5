import { describe, expect, it } from '@jest/globals'
import type { Config } from '../../src/config/config.js'
import type { ReadSource, RemoteKind, RemoteSource } from '../../src/config/sources/source-config.js'
import { LEAST, load, type Asked } from './given.js'

const analysis = (text: string): string => `${LEAST}analysis:\n${text.replaceAll(/^/gm, '  ')}\n`

/** The source that a config names, if it is none of the local platform. */
function remote(config: Config, index = 0): RemoteSource {
  const source = config.metrics?.[index]
  if (source === undefined || source.kind === 'local') throw new Error(`no remote source at ${index}`)
  return source
}

interface Read extends ReadSource {
  readonly kind: RemoteKind
  readonly secrets: readonly (readonly [name: string, value: string])[]
}

/** A source as a step reads it that is going to ask it. */
async function read(text: string, env: Record<string, string> = {}, asked: Asked = {}): Promise<Read> {
  const config = await load(analysis(text), { env: { HOME: '/home/runner', ...env }, ...asked })
  const secrets: (readonly [string, string])[] = []
  const source = remote(config)
  return {
    kind: source.kind,
    ...(await source.read((name, value) => secrets.push([name, value]))),
    secrets,
  }
}

const PROMETHEUS = 'source: { prometheus: { url: "${PROMETHEUS_URL}", preset: opentelemetry } }'
const env = { PROMETHEUS_URL: 'https://prometheus.example:9090' }

describe('the source of an analysis', () => {
  it('may be short: an address from the environment, and who counts the requests', async () => {
    const { kind, settings, queries, secrets } = await read(
      `${PROMETHEUS}\nmetrics: [errors, latency-p95]`,
      env,
    )
    expect({ kind, settings, queries }).toEqual({
      kind: 'prometheus',
      settings: { url: 'https://prometheus.example:9090' },
      queries: {
        errors: {
          requests: 'http_server_request_duration_seconds_count{pod=~"{{pods}}"}',
          bad: 'http_server_request_duration_seconds_count{pod=~"{{pods}}",http_response_status_code=~"5.."}',
        },
        'latency-p95': {
          buckets: 'http_server_request_duration_seconds_bucket{pod=~"{{pods}}"}',
          unit: 's',
        },
      },
    })
    expect(secrets).toEqual([])
  })

  it('takes queries of the file before those of the preset, and pods by another label', async () => {
    const { queries } = await read(
      'source: { prometheus: { url: "http://p", preset: istio, pod-label: kubernetes_pod } }\nmetrics: { errors: { bad: \'oops{x="1"}\' } }',
    )
    expect(queries).toEqual({
      errors: {
        requests: 'istio_requests_total{reporter="destination",kubernetes_pod=~"{{pods}}"}',
        bad: 'oops{x="1"}',
      },
    })
  })

  it('keeps the unit of a preset to the preset’s own buckets', async () => {
    const { queries } = await read(
      'source: { prometheus: { url: "http://p", preset: istio } }\nmetrics: { latency-p95: { buckets: seconds_bucket }, latency-p99: { unit: s } }',
    )
    expect(queries).toEqual({
      'latency-p95': { buckets: 'seconds_bucket' },
      'latency-p99': {
        buckets: 'istio_request_duration_milliseconds_bucket{reporter="destination",pod=~"{{pods}}"}',
        unit: 's',
      },
    })
  })

  it('needs no preset where Prometheus can scrape the local router, for metrics that ask nothing else', async () => {
    const scraped = LEAST.replace('server.js', 'server.js, metrics-port: 9464')
    const of = async (metrics: string): Promise<unknown> =>
      (
        await load(
          `${scraped}analysis: { source: { prometheus: { url: "\${PROMETHEUS_URL}" } }, metrics: ${metrics} }\n`,
        )
      ).policy.analysis?.queries.map(({ settings }) => settings)
    const slot = 'service="{{service}}",slot="{{slot}}",entry="public"'
    expect(await of('[errors, latency-p95]')).toEqual([
      { requests: `tuesday_requests_total{${slot}}`, bad: `tuesday_errors_total{${slot}}` },
      { buckets: `tuesday_request_duration_seconds_bucket{${slot}}`, unit: 's' },
    ])
    await expect(of('{ errors: { requests: a } }')).rejects.toThrow(
      'analysis.metrics.errors.bad: is missing; prometheus counts a share by requests and bad',
    )
  })

  it('may be named by a metric, whose queries say what it is', async () => {
    const text = `
source: { prometheus: { url: "http://p" } }
metrics:
  errors: { source: prometheus, requests: 'http_requests_total{pod=~"{{pods}}"}', bad: 'http_requests_total{code=~"5.."}' }
  slow: { buckets: seconds_bucket, percentile: 99, unit: ms }
  basket: { sum: basket_sum, count: basket_count, worse: lower }
  queue: { query: 'max(queue_length{slot="{{slot}}"})', limit: 100 }`
    const config = await load(analysis(text))
    expect(config.policy.analysis?.parameters.rules).toEqual([
      { name: 'errors', kind: 'share', tolerateRatio: 1.25, tolerateShare: 0.0005 },
      { name: 'slow', kind: 'latency', percentile: 99, tolerateRatio: 1.1, tolerateMs: 5 },
      { name: 'basket', kind: 'mean', worse: 'lower', tolerateRatio: 1.1 },
      {
        name: 'queue',
        kind: 'scalar',
        method: 'threshold',
        limit: 100,
        threshold: { failureLimit: 0, dryRun: false },
      },
    ])
    expect(config.policy.analysis?.queries).toContainEqual({
      name: 'slow',
      kind: 'latency',
      settings: { buckets: 'seconds_bucket', unit: 'ms' },
    })
    expect(config.metrics).toMatchObject([
      { name: 'prometheus', kind: 'prometheus', metrics: ['errors', 'slow', 'basket', 'queue'] },
    ])
  })

  it('may be several, by name: metrics that name none come from the one that is said', async () => {
    const text = `
sources:
  main: { prometheus: { url: "http://main", preset: linkerd } }
  stats: { graphite: { url: "http://stats" } }
source: main
metrics: [errors, latency-p99, { name: orders, source: stats, query: shop.orders, limit: 5, worse: lower }, { name: errors-at-the-router, kind: share, source: local }]`
    const { metrics } = await load(analysis(text))
    expect(metrics).toMatchObject([
      { name: 'main', kind: 'prometheus', metrics: ['errors', 'latency-p99'] },
      { name: 'stats', kind: 'graphite', metrics: ['orders'] },
      { name: 'local', kind: 'local', metrics: ['errors-at-the-router'] },
    ])
  })

  it('is the only one of several names without being said', async () => {
    const { metrics } = await load(
      analysis('sources: { main: { prometheus: { url: "http://p", preset: traefik } } }'),
    )
    expect(metrics).toMatchObject([{ name: 'main', kind: 'prometheus', metrics: ['errors', 'latency-p95'] }])
  })

  it('is the local router where none is named, for metrics in a map too', async () => {
    const { metrics, policy } = await load(
      analysis('metrics: { errors: , latency-p99: { limit: 800ms, method: threshold } }'),
    )
    expect(metrics).toEqual([{ name: 'local', kind: 'local', metrics: ['errors', 'latency-p99'] }])
    expect(policy.analysis?.queries).toEqual([
      { name: 'errors', kind: 'share', settings: {} },
      { name: 'latency-p99', kind: 'latency', settings: {} },
    ])
  })
})

describe('an environment', () => {
  const text = analysis(`${PROMETHEUS}\nmetrics: { errors: , latency-p95: { limit: 800ms } }`)

  it('replaces a source by one of another kind, and merges the settings of the same', async () => {
    const overrides = `environments:
  staging: { analysis: { source: { web: { url: "http://w" } }, metrics: [{ name: busy, path: /stats, value: $.busy, limit: 1 }] } }
  tests: { analysis: { source: { prometheus: { preset: tuesday } } } }
  rehearsal: { analysis: { source: local } }
`
    const staging = await load(text + overrides, { environment: 'staging' })
    expect(staging.metrics).toMatchObject([{ kind: 'web', metrics: ['busy'] }])
    const tests = await load(text + overrides, { environment: 'tests', env: { HOME: '/h', ...env } })
    const { settings, queries } = await remote(tests).read(() => undefined)
    expect(settings).toEqual({ url: env.PROMETHEUS_URL })
    expect(queries['latency-p95']).toMatchObject({
      buckets: expect.stringContaining('tuesday_request_duration_seconds_bucket'),
    })
    const rehearsal = await load(text + overrides, { environment: 'rehearsal' })
    expect(rehearsal.metrics).toEqual([{ name: 'local', kind: 'local', metrics: ['errors', 'latency-p95'] }])
  })

  it('merges metrics of a map by their names', async () => {
    const overrides = 'environments: { staging: { analysis: { metrics: { latency-p95: { limit: 2s } } } } }\n'
    const { policy } = await load(text + overrides, { environment: 'staging' })
    expect(policy.analysis?.parameters.rules).toMatchObject([
      { name: 'errors' },
      { name: 'latency-p95', limit: 2_000 },
    ])
  })
})

describe('the settings of each kind of source', () => {
  it('of Prometheus', async () => {
    const { settings } = await read(
      'source: { prometheus: { url: "http://p", preset: istio, bearer: "${T}", headers: { X-Scope-OrgID: shop }, tls: { ca: ca.pem }, timeout: 5s, patience: 1m, pod-label: instance, scrape-interval: 5s, slack: 500ms, values: { namespace: shop } } }',
      { T: 'token-of-prometheus' },
    )
    expect(settings).toEqual({
      url: 'http://p',
      bearer: 'token-of-prometheus',
      headers: { 'X-Scope-OrgID': 'shop' },
      tls: { ca: 'ca.pem' },
      timeoutMs: 5_000,
      patienceMs: 60_000,
      podLabel: 'instance',
      scrapeIntervalMs: 5_000,
      slackMs: 500,
      values: { namespace: 'shop' },
    })
  })

  it('of Datadog', async () => {
    const { settings, queries } = await read(
      'source: { datadog: { api-key: "${DD_API_KEY}", application-key: "${DD_APP_KEY}", site: datadoghq.eu, lag: 90s, step: 20s } }\nmetrics: [{ name: latency-p95, duration: trace.http.request, edges: [50ms, 100ms, 1s] }]',
      { DD_API_KEY: 'k1', DD_APP_KEY: 'k2' },
    )
    expect(settings).toEqual({
      apiKey: 'k1',
      applicationKey: 'k2',
      site: 'datadoghq.eu',
      lagMs: 90_000,
      stepMs: 20_000,
    })
    expect(queries).toEqual({
      'latency-p95': { duration: 'trace.http.request', edges: [50, 100, 1_000] },
    })
  })

  it('of CloudWatch, with the variables that AWS’s own tools read', async () => {
    const loadBalancer = 'app/shop/1'
    const slots = {
      blue: { loadBalancer, targetGroup: 'targetgroup/shop-blue/1' },
      green: { loadBalancer, targetGroup: 'targetgroup/shop-green/1' },
    }
    const variables = {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'secret-of-aws',
    }
    const text = `source: { cloudwatch: { preset: alb, period: 1m, slots: ${JSON.stringify(slots)} } }\nmetrics: [errors]`
    const { settings, queries, secrets } = await read(text, variables)
    expect(settings).toEqual({
      region: 'eu-central-1',
      accessKeyId: 'AKIA',
      secretAccessKey: 'secret-of-aws',
      periodMs: 60_000,
      slots,
    })
    expect(queries['errors']).toMatchObject({
      dimensions: { LoadBalancer: '{{loadBalancer}}', TargetGroup: '{{targetGroup}}' },
    })
    expect(secrets).toContainEqual(['the variable AWS_SECRET_ACCESS_KEY', 'secret-of-aws'])
    const temporary = await read(text, { ...variables, AWS_SESSION_TOKEN: 'session-of-aws' })
    expect(temporary.settings).toMatchObject({ sessionToken: 'session-of-aws' })
    expect(temporary.secrets).toContainEqual(['the variable AWS_SESSION_TOKEN', 'session-of-aws'])
  })

  it('of New Relic, whose account may come from the environment', async () => {
    const { settings } = await read(
      'source: { newrelic: { account-id: "${NR_ACCOUNT}", api-key: "${NR_KEY}", region: eu } }\nmetrics: [{ name: errors, where: "slot = \'{{slot}}\'", bad: "error IS TRUE" }]',
      { NR_ACCOUNT: '1234567', NR_KEY: 'NRAK-1' },
    )
    expect(settings).toEqual({ accountId: 1_234_567, apiKey: 'NRAK-1', region: 'eu' })
  })

  it('of Graphite', async () => {
    const { settings } = await read(
      'source: { graphite: { url: "http://g", basic: { user: tuesday, password: "${PW}" }, step: 10s } }\nmetrics: [{ name: errors, requests: a, bad: [b, c] }]',
      { PW: 'pw' },
    )
    expect(settings).toEqual({
      url: 'http://g',
      basic: { username: 'tuesday', password: 'pw' },
      stepMs: 10_000,
    })
  })

  it('of InfluxDB 2 by its organization, and of InfluxDB 1 by its database', async () => {
    const metrics = '\nmetrics: [{ name: errors, requests: a, bad: b }]'
    const flux = await read(
      `source: { influxdb: { url: "http://i", org: shop, token: "\${T}" } }${metrics}`,
      {
        T: 'token',
      },
    )
    expect(flux.settings).toEqual({ url: 'http://i', language: 'flux', org: 'shop', token: 'token' })
    const influxql = await read(
      `source: { influxdb: { url: "http://i", database: shop, user: u, password: "\${P}" } }${metrics}`,
      { P: 'password' },
    )
    expect(influxql.settings).toEqual({
      url: 'http://i',
      language: 'influxql',
      database: 'shop',
      username: 'u',
      password: 'password',
    })
  })
})

describe('variables', () => {
  it('are told as secrets where secrets belong, before anybody has them: keys, headers, passwords in addresses', async () => {
    const text =
      'source: { prometheus: { url: "${URL}", headers: { X-Scope-OrgID: "${TENANT}", Authorization: "Bearer ${TOKEN}" } } }\nmetrics: { errors: { requests: \'a{namespace="${NAMESPACE}"}\', bad: b } }'
    const { settings, queries, secrets } = await read(text, {
      URL: 'https://tuesday:s%20cret@p.example',
      TENANT: 'shop',
      TOKEN: 'token-of-prometheus',
      NAMESPACE: 'production',
    })
    expect(settings).toMatchObject({
      url: 'https://tuesday:s%20cret@p.example',
      headers: { 'X-Scope-OrgID': 'shop', Authorization: 'Bearer token-of-prometheus' },
    })
    expect(queries).toEqual({ errors: { requests: 'a{namespace="production"}', bad: 'b' } })
    expect(new Set(secrets.map((secret) => secret.join(': ')))).toEqual(
      new Set([
        'the variable TOKEN: token-of-prometheus',
        'the password in analysis.source.prometheus.url: s%20cret',
        'the password in analysis.source.prometheus.url: s cret',
      ]),
    )
  })

  it('stop nobody who does not judge; who does is told all that are missing, and where they stand', async () => {
    const config = await load(
      analysis(
        'sources:\n  main:\n    prometheus:\n      url: "${URL}"\n      bearer: "${TOKEN}"\n      preset: istio',
      ),
    )
    const asked = remote(config).read(() => undefined)
    await expect(asked).rejects.toMatchObject({
      name: 'ConfigError',
      message: [
        '.github/rollout.yml:7:14: analysis.sources.main.prometheus.url: URL is empty or not set; set it in the env of the step, from a secret if it is one',
        '.github/rollout.yml:8:17: analysis.sources.main.prometheus.bearer: TOKEN is empty or not set; set it in the env of the step, from a secret if it is one',
      ].join('\n'),
    })
  })

  it('are nowhere in what the core knows', async () => {
    const config = await load(
      analysis('source: { prometheus: { url: "http://p", bearer: "${T}", preset: istio } }'),
      { env: { HOME: '/h', T: 'token-of-prometheus' } },
    )
    await remote(config).read(() => undefined)
    expect(JSON.stringify(config)).not.toContain('token-of-prometheus')
  })
})

describe('how it is judged', () => {
  it('more often by the local router than by what is asked over the network, unless the file says so', async () => {
    const intervalOf = async (text: string) => (await load(analysis(text))).policy.analysis?.intervalMs
    expect(await intervalOf('metrics: [errors]')).toBe(1_000)
    expect(await intervalOf(PROMETHEUS)).toBe(5_000)
    expect(await intervalOf(`${PROMETHEUS}\ninterval: 30s`)).toBe(30_000)
  })

  it('is taken from the file', async () => {
    const { policy } = await load(
      `${LEAST}plan: [{ weight: 5, hold: 2m }, { weight: 50, hold: 10m }, { weight: 60, hold: 1h, analyze: false }, { weight: 100 }]\n` +
        'analysis: { alpha: 0.01, pass-margin: { ratio: 3 }, require: proof, early-pass: true, history: 0, no-data-timeout: 5m, max-hold: 2 }\n',
    )
    expect(policy.analysis).toMatchObject({
      parameters: {
        alpha: 0.01,
        passMargin: { ratio: 3, share: 0.005 },
        require: 'proof',
        longestHoldMs: 1_200_000,
      },
      earlyPass: true,
      historyMs: 0,
      noDataTimeoutMs: 300_000,
    })
  })

  it('by method of each metric', async () => {
    const { policy } = await load(
      analysis(`metrics:
  errors: { method: threshold, limit: 5%, threshold: { failure-limit: 3, consecutive-limit: 1, consecutive-error-limit: 4, interval: 30s, window: 1m, count: 5, dry-run: true } }
  latency-p95: { method: mann-whitney, mann-whitney: { tolerance: 0.1, confidence: 0.95, allowed-effect: [0.8, 1.2], missing: zero, outliers: 3, interval: 30s, direction: either, group: latency, critical: true } }
  latency-p50: { weight: 0.5 }
  latency-p90: { method: threshold, limit: 1s, threshold: { consecutive-limit: 2 } }`),
    )
    expect(policy.analysis?.parameters.rules).toEqual([
      {
        name: 'errors',
        kind: 'share',
        method: 'threshold',
        limit: 0.05,
        threshold: {
          failureLimit: 3,
          consecutiveLimit: 1,
          consecutiveErrorLimit: 4,
          intervalMs: 30_000,
          windowMs: 60_000,
          count: 5,
          dryRun: true,
        },
      },
      {
        name: 'latency-p95',
        kind: 'latency',
        method: 'mann-whitney',
        percentile: 95,
        mannWhitney: {
          tolerance: 0.1,
          confidence: 0.95,
          allowedEffect: [0.8, 1.2],
          missing: 'zero',
          outlierFactor: 3,
          intervalMs: 30_000,
          direction: 'either',
          group: 'latency',
          critical: true,
        },
      },
      {
        name: 'latency-p50',
        kind: 'latency',
        percentile: 50,
        tolerateRatio: 1.1,
        tolerateMs: 5,
        alphaWeight: 0.5,
      },
      {
        name: 'latency-p90',
        kind: 'latency',
        method: 'threshold',
        percentile: 90,
        limit: 1_000,
        threshold: { consecutiveLimit: 2, dryRun: false },
      },
    ])
  })

  it('together, by a score of groups', async () => {
    const { policy } = await load(
      analysis(`score: { marginal: 75, pass: 95, groups: { latency: 60% } }
metrics:
  latency-p95: { method: mann-whitney, mann-whitney: { group: latency } }
  errors: { method: mann-whitney }`),
    )
    expect(policy.analysis?.parameters.score).toEqual({
      marginal: 75,
      pass: 95,
      groupWeights: { latency: 60 },
    })
  })
})
