import { describe, expect, it } from '@jest/globals'
import { read } from './given-analysis.js'

describe('the settings of each kind of source', () => {
  it('of Prometheus', async () => {
    const { settings } = await read(
      'source: { prometheus: { url: "http://p", preset: traefik, bearer: "${T}", headers: { X-Scope-OrgID: shop }, tls: { ca: ca.pem }, timeout: 5s, patience: 1m, pod-label: instance, scrape-interval: 5s, slack: 500ms, values: { namespace: shop } } }',
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
      'source: { datadog: { api-key: "${DD_API_KEY}", application-key: "${DD_APP_KEY}", site: datadoghq.eu, lag: 90s, step: 20s } }\nmetrics: [{ name: latency-p95, duration: "trace.http.request{slot:{{slot}}}", edges: [50ms, 100ms, 1s] }]',
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
      'latency-p95': { duration: 'trace.http.request{slot:{{slot}}}', edges: [50, 100, 1_000] },
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
      'source: { graphite: { url: "http://g", basic: { user: tuesday, password: "${PW}" }, step: 10s } }\nmetrics: [{ name: errors, requests: "a.{{slot}}", bad: ["b.{{slot}}", "c.{{slot}}"] }]',
      { PW: 'pw' },
    )
    expect(settings).toEqual({
      url: 'http://g',
      basic: { username: 'tuesday', password: 'pw' },
      stepMs: 10_000,
    })
  })

  it('of InfluxDB 2 by its organization, and of InfluxDB 1 by its database', async () => {
    const metrics = '\nmetrics: [{ name: errors, requests: "a {{slot}}", bad: "b {{slot}}" }]'
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
