import { describe, expect, it } from '@jest/globals'
import { LEAST, load } from './given.js'
import { analysis, read, remote } from './given-analysis.js'

const PROMETHEUS =
  'source: { prometheus: { url: "${PROMETHEUS_URL}", preset: traefik, values: { namespace: n } } }'
const env = { PROMETHEUS_URL: 'https://prometheus.example:9090' }

const NO_ADDRESS =
  'what URL gives is no address; allowed: one that begins with http:// or https://, such as https://prometheus.example:9090'

describe('the source of an analysis', () => {
  it('may be short: an address from the environment, and who counts the requests', async () => {
    const { kind, settings, queries, secrets } = await read(
      `${PROMETHEUS}\nmetrics: [errors, latency-p95]`,
      env,
    )
    const service = 'service=~"{{namespace}}-{{service}}-{{slot}}-[0-9a-z]+@kubernetes(?:crd|gateway)?"'
    expect({ kind, settings, queries }).toEqual({
      kind: 'prometheus',
      settings: { url: 'https://prometheus.example:9090', values: { namespace: 'n' } },
      queries: {
        errors: {
          requests: `traefik_service_requests_total{${service}}`,
          bad: `traefik_service_requests_total{${service},code=~"5.."}`,
        },
        'latency-p95': { buckets: `traefik_service_request_duration_seconds_bucket{${service}}`, unit: 's' },
      },
    })
    expect(secrets).toEqual([])
  })

  it('takes queries of the file before those of the preset, and Traefik’s by namespace', async () => {
    const { queries } = await read(
      'source: { prometheus: { url: "http://p", preset: traefik, values: { namespace: n } } }\nmetrics: { errors: { bad: \'oops{slot="{{slot}}"}\' } }',
    )
    expect(queries).toEqual({
      errors: {
        requests: expect.stringContaining('traefik_service_requests_total{service=~"{{namespace}}-'),
        bad: 'oops{slot="{{slot}}"}',
      },
    })
  })

  it('keeps the unit of a preset to the preset’s own buckets', async () => {
    const { queries } = await read(
      'source: { prometheus: { url: "http://p", preset: envoy-gateway } }\nmetrics: { latency-p95: { buckets: \'seconds_bucket{slot="{{slot}}"}\' }, latency-p99: { unit: s } }',
    )
    expect(queries).toEqual({
      'latency-p95': { buckets: 'seconds_bucket{slot="{{slot}}"}' },
      'latency-p99': {
        buckets: expect.stringContaining('envoy_cluster_upstream_rq_time_bucket{'),
        unit: 's',
      },
    })
  })

  it('counts by namespace at Traefik where the source names one', async () => {
    const of = async (more: string): Promise<unknown> =>
      (await read(`source: { prometheus: { url: "http://p", preset: traefik${more} } }\nmetrics: [errors]`))
        .queries['errors']
    expect(await of('')).toMatchObject({
      requests: 'traefik_service_requests_total{service=~"{{service}}-{{slot}}@.+"}',
    })
    expect(await of(', values: { namespace: production }')).toMatchObject({
      requests: expect.stringContaining('"{{namespace}}-{{service}}-{{slot}}-[0-9a-z]+@kubernetes'),
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
    const slot = 'service="{{service}}",environment="{{environment}}",slot="{{slot}}",entry="public"'
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
  errors: { source: prometheus, requests: 'http_requests_total{slot="{{slot}}"}', bad: 'http_requests_total{code=~"5..",slot="{{slot}}"}' }
  slow: { buckets: 'seconds_bucket{slot="{{slot}}"}', percentile: 99, unit: ms }
  basket: { sum: 'basket_sum{slot="{{slot}}"}', count: 'basket_count{slot="{{slot}}"}', worse: lower }
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
      settings: { buckets: 'seconds_bucket{slot="{{slot}}"}', unit: 'ms' },
    })
    expect(config.metrics).toMatchObject([
      { name: 'prometheus', kind: 'prometheus', metrics: ['errors', 'slow', 'basket', 'queue'] },
    ])
  })

  it('may be several, by name: metrics that name none come from the one that is said', async () => {
    const text = `
sources:
  main: { prometheus: { url: "http://main", preset: traefik } }
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
    expect(settings).toEqual({ url: env.PROMETHEUS_URL, values: { namespace: 'n' } })
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

describe('variables', () => {
  it('are told as secrets where secrets belong, before anybody has them: keys, headers, passwords in addresses', async () => {
    const text =
      'source: { prometheus: { url: "${URL}", headers: { X-Scope-OrgID: "${TENANT}", Authorization: "Bearer ${TOKEN}" } } }\nmetrics: { errors: { requests: \'a{slot="{{slot}}",namespace="${NAMESPACE}"}\', bad: \'b{slot="{{slot}}"}\' } }'
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
    expect(queries).toEqual({
      errors: { requests: 'a{slot="{{slot}}",namespace="production"}', bad: 'b{slot="{{slot}}"}' },
    })
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
        'sources:\n  main:\n    prometheus:\n      url: "${URL}"\n      bearer: "${TOKEN}"\n      preset: traefik',
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

  it.each([
    [
      '127.0.0.1:19090',
      'URL gives 127.0.0.1:19090, which does not say how to reach it; allowed: http://127.0.0.1:19090 or https://127.0.0.1:19090',
    ],
    [
      'localhost:9090/prometheus',
      'URL gives localhost:9090…, which does not say how to reach it; allowed: http://localhost:9090 or https://localhost:9090',
    ],
    [
      'prometheus:9090',
      'URL gives prometheus:9090, which does not say how to reach it; allowed: http://prometheus:9090 or https://prometheus:9090',
    ],
    ['tuesday:s3cret@p.example:9090', NO_ADDRESS],
    ['eyJhbGciOiJIUzI1NiJ9abcdefghijkl.eyJzdWIiOiIxIn0.s3cret', NO_ADDRESS],
    ['postgres://tuesday:s3cret@p.example', NO_ADDRESS],
    ['http://', NO_ADDRESS],
  ])(
    'that give no address are told with their place, and without what may be a secret: %s',
    async (given, told) => {
      const config = await load(analysis('source:\n  prometheus: { url: "${URL}", preset: traefik }'), {
        env: { HOME: '/h', URL: given },
      })
      await expect(remote(config).read(() => undefined)).rejects.toThrow(
        new Error(`.github/rollout.yml:5:24: analysis.source.prometheus.url: ${told}`),
      )
    },
  )

  it('are nowhere in what the core knows', async () => {
    const config = await load(
      analysis('source: { prometheus: { url: "http://p", bearer: "${T}", preset: traefik } }'),
      { env: { HOME: '/h', T: 'token-of-prometheus' } },
    )
    await remote(config).read(() => undefined)
    expect(JSON.stringify(config)).not.toContain('token-of-prometheus')
  })
})
