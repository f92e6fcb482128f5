import { describe, expect, it } from '@jest/globals'
import { LEAST, refusal, type Asked } from './given.js'

/** What is refused, and every line that is said of it: line, column, key, what was given, what is allowed. */
async function refuses(text: string, lines: readonly unknown[], asked?: Asked): Promise<void> {
  expect(await refusal(`${LEAST}analysis: ${text}\n`, asked)).toEqual(lines)
}

const P = 'source: { prometheus: { url: "http://p" } }'
const KINDS = 'local, prometheus, datadog, cloudwatch, newrelic, graphite, influxdb, web'
const OR_A_MAP = 'or a map such as source: { prometheus: { url: "${PROMETHEUS_URL}" } }'

describe('a source', () => {
  it.each([
    [
      'of an unknown kind',
      '{ source: { new-relic: {} } }',
      [`3:23: analysis.source.new-relic: unknown key; did you mean newrelic? Allowed here: ${KINDS}`],
    ],
    [
      'of two kinds',
      '{ source: { prometheus: { url: "http://p" }, web: { url: "http://w" } } }',
      [
        `3:21: analysis.source: given a map with prometheus and web; allowed: a map that names one of ${KINDS}`,
      ],
    ],
    [
      'of no kind',
      '{ source: {} }',
      [`3:21: analysis.source: given an empty map; allowed: a map that names one of ${KINDS}`],
    ],
    [
      'that is a number',
      '{ source: 5 }',
      [
        '3:21: analysis.source: given 5; allowed: local, the name of one of sources, or a map that names one kind: { prometheus: { url: "${PROMETHEUS_URL}" } }',
      ],
    ],
    [
      'that is a word without settings',
      '{ source: prometheus }',
      [
        '3:21: analysis.source: given "prometheus", which has no settings here; write them as analysis.source: { prometheus: { … } }',
      ],
    ],
    [
      'that is no word of ours',
      '{ source: promtheus }',
      [`3:21: analysis.source: given "promtheus"; did you mean prometheus? allowed: local, ${OR_A_MAP}`],
    ],
    [
      'with a mistyped key',
      '{ source: { prometheus: { url: "http://p", scrape-intervall: 5s } } }',
      [
        expect.stringMatching(
          /^3:54: analysis\.source\.prometheus\.scrape-intervall: unknown key; did you mean scrape-interval\? Allowed here: url, preset,/,
        ),
      ],
    ],
    [
      'with a duration without unit',
      '{ source: { prometheus: { url: "http://p", timeout: 10 } } }',
      [
        '3:63: analysis.source.prometheus.timeout: given 10; allowed: a duration such as 250ms, 30s, 5m or 1h, at most 720h, and more than 0',
      ],
    ],
    [
      'with an unknown preset',
      '{ source: { prometheus: { url: "http://p", preset: isto } } }',
      [
        '3:62: analysis.source.prometheus.preset: given "isto"; did you mean istio? allowed: istio, linkerd, envoy-gateway, ingress-nginx, traefik, opentelemetry or tuesday',
      ],
    ],
    [
      'with two ways to log in',
      '{ source: { graphite: { url: "http://g", bearer: "${T}", basic: { user: u, password: "${P}" } } } }',
      [
        '3:33: analysis.source.graphite: given a map with url and bearer and basic; allowed: either basic or bearer, whichever the server asks for',
      ],
    ],
    [
      'with a client certificate without its key',
      '{ source: { prometheus: { url: "http://p", preset: traefik, tls: { cert: c.pem } } } }',
      ['3:71: analysis.source.prometheus.tls.key: is missing; a client certificate needs cert and key'],
    ],
    [
      'with a key without its client certificate',
      '{ source: { prometheus: { url: "http://p", preset: traefik, tls: { key: k.pem } } } }',
      ['3:71: analysis.source.prometheus.tls.cert: is missing; a client certificate needs cert and key'],
    ],
    [
      'without an address',
      '{ source: { prometheus: { preset: istio } } }',
      ['3:23: analysis.source.prometheus.url: is missing'],
    ],
    [
      'that is neither InfluxDB 1 nor 2',
      '{ source: { influxdb: { url: "http://i" } }, metrics: [{ name: errors, requests: a, bad: b }] }',
      [
        '3:23: analysis.source.influxdb: allowed: org (InfluxDB 2, asked in Flux) or database (InfluxDB 1, asked in InfluxQL), and not both',
      ],
    ],
    [
      'that is half InfluxDB 1 and half 2',
      '{ source: { influxdb: { url: "http://i", org: o, user: u } }, metrics: [{ name: errors, requests: a, bad: b }] }',
      [
        '3:23: analysis.source.influxdb.token: is missing; org needs a token',
        '3:60: analysis.source.influxdb.user: belongs to database; allowed beside org: token and bucket',
      ],
    ],
    [
      'that cannot tell the target groups of the slots',
      '{ source: { cloudwatch: { preset: alb, slots: { blue: { loadBalancer: app/shop/1, targetGroup: targetgroup/shop-blue/1 }, green: { targetGroup: targetgroup/shop-green/1 } } } } }',
      [
        '3:133: analysis.source.cloudwatch.slots.green.loadBalancer: is missing, which the preset alb needs; allowed: the end of its ARN, such as app/shop/50dc6c495c0c9188',
      ],
    ],
    [
      'under a name that is taken',
      '{ sources: { local: { web: { url: "http://w" } } } }',
      [
        '3:24: analysis.sources.local: local is the name of another source; allowed: another name, such as local-2',
      ],
    ],
  ])('%s', (_, text, lines) => refuses(text, lines))

  it('is told with the line of the layer that says it', async () => {
    const text = `${LEAST}analysis: { ${P}, metrics: [errors] }\nenvironments:\n  staging:\n    analysis:\n      source: { web: {} }\n`
    expect(await refusal(text, { environment: 'staging' })).toEqual([
      '3:68: analysis.metrics[0]: errors does not say what web is asked; allowed: path and requests and bad',
    ])
  })
})

describe('a metric', () => {
  it.each([
    [
      'without queries, where a preset would do',
      `{ ${P}, metrics: [errors, latency-p95] }`,
      [
        '3:68: analysis.metrics[0]: errors does not say what prometheus is asked; allowed: requests and bad, or in prometheus a preset: istio, linkerd, envoy-gateway, ingress-nginx, traefik, opentelemetry, tuesday',
        '3:76: analysis.metrics[1]: latency-p95 does not say what prometheus is asked; allowed: buckets, or in prometheus a preset: istio, linkerd, envoy-gateway, ingress-nginx, traefik, opentelemetry, tuesday',
      ],
    ],
    [
      'that forgets one',
      `{ ${P}, metrics: { errors: { requests: a } } }`,
      ['3:69: analysis.metrics.errors.bad: is missing; prometheus counts a share by requests and bad'],
    ],
    [
      'with a query for another kind',
      `{ ${P}, metrics: { errors: { requests: a, bad: b, unit: s } } }`,
      ['3:100: analysis.metrics.errors.unit: is no key of a share from prometheus; allowed: requests, bad'],
    ],
    [
      'with a query for another source',
      `{ ${P}, metrics: { basket: { sum: a, count: b, squares: c } } }`,
      ['3:97: analysis.metrics.basket.squares: is no key of a mean from prometheus; allowed: sum, count'],
    ],
    [
      'with a query for the local router',
      '{ metrics: { errors: { requests: a } } }',
      [
        '3:34: analysis.metrics.errors.requests: is no key for local, which counts without being asked; leave it out, or name another source',
      ],
    ],
    [
      'that the local router cannot count',
      '{ metrics: { orders: { kind: mean } } }',
      [
        '3:40: analysis.metrics.orders.kind: orders is a mean, which local cannot count; allowed: share or latency',
      ],
    ],
    [
      'of a source that is not there',
      `{ ${P}, metrics: { errors: { source: prometeus } } }`,
      [
        `3:87: analysis.metrics.errors.source: given "prometeus"; did you mean prometheus? allowed: local, prometheus, ${OR_A_MAP}`,
      ],
    ],
    [
      'of a source that has no settings',
      `{ ${P}, metrics: { errors: { source: datadog } } }`,
      [
        '3:87: analysis.metrics.errors.source: given "datadog", which has no settings here; write them as analysis.source: { datadog: { … } }',
      ],
    ],
    [
      'of none of several sources',
      '{ sources: { a: { web: { url: "http://w" } }, b: { web: { url: "http://w" } } }, metrics: [errors] }',
      [
        '3:102: analysis.metrics[0]: errors does not say which source counts it; allowed: source: local, a, b',
      ],
    ],
    [
      'with a mistyped key',
      `{ ${P}, metrics: { errors: { requsts: a } } }`,
      [
        expect.stringMatching(
          /^3:79: analysis\.metrics\.errors\.requsts: unknown key; did you mean requests\? Allowed here: source, kind,/,
        ),
      ],
    ],
    [
      'with a name in a map of names',
      `{ ${P}, metrics: { errors: { name: errors } } }`,
      [expect.stringMatching(/^3:79: analysis\.metrics\.errors\.name: unknown key/)],
    ],
    [
      'under a name that is none',
      `{ ${P}, metrics: { "a b": { query: x, limit: 1 } } }`,
      [
        '3:69: analysis.metrics."a b": given "a b"; allowed: a name for the metric of letters, digits, ".", "_" and "-", such as errors',
      ],
    ],
    [
      'in a map of none',
      '{ metrics: {} }',
      ['3:22: analysis.metrics: given an empty map; allowed: at least one metric: { errors: {} }'],
    ],
    [
      'with edges that fall',
      `{ source: { graphite: { url: "http://g" } }, metrics: { latency-p95: { buckets: b, edges: [1s, 10ms] } } }`,
      [
        '3:101: analysis.metrics.latency-p95.edges: given a list; allowed: a list of durations that rise, such as [50ms, 100ms, 250ms]; for web also a JSON path',
      ],
    ],
  ])('%s', (_, text, lines) => refuses(text, lines))
})

describe('what is tolerated of a metric', () => {
  const scalar = (more: string): string =>
    `{ ${P}, metrics: { queue: { query: 'q{slot="{{slot}}"}', ${more} } } }`
  const mean = (more: string): string => `{ ${P}, metrics: { basket: { sum: s, count: c, ${more} } } }`
  const share = (more: string): string => `{ metrics: { errors: { ${more} } } }`
  it.each([
    [
      'a scalar without a limit',
      scalar('worse: lower'),
      'analysis.metrics.queue.limit: is missing; queue is judged by a limit for each block',
    ],
    [
      'a scalar as evidence',
      scalar('method: sequential'),
      'analysis.metrics.queue.method: queue is a scalar, which is no evidence; allowed: threshold or mann-whitney',
    ],
    [
      'a scalar in percent',
      scalar('limit: 5%'),
      'analysis.metrics.queue.limit: given 5%; queue is a scalar; allowed: a number in its own unit, such as 12.5',
    ],
    [
      'a scalar in points',
      scalar('method: mann-whitney, tolerate: 5%'),
      'analysis.metrics.queue.tolerate: queue is judged by mann-whitney; allowed: mann-whitney: { tolerance: 0.25 }',
    ],
    [
      'a mean in time',
      mean('tolerate-duration: 5s'),
      'analysis.metrics.basket.tolerate-duration: basket is a mean; allowed: tolerate, a percentage of the mean of stable',
    ],
    [
      'a share of which less is worse',
      share('worse: lower'),
      'analysis.metrics.errors.worse: errors is a share, of which more is always worse; worse is for means and scalars',
    ],
    [
      'a share by a number',
      share('limit: 5'),
      'analysis.metrics.errors.limit: given 5; errors is a share; allowed: a percentage such as 5%',
    ],
    [
      'failures that are allowed of evidence',
      share('threshold: { failure-limit: 3 }'),
      'analysis.metrics.errors.threshold: is for method: threshold; errors is judged by sequential',
    ],
    [
      'a threshold that tolerates',
      share('method: threshold, limit: 5%, tolerate: 10%'),
      'analysis.metrics.errors.tolerate: errors is judged by threshold; allowed: limit',
    ],
    [
      'a limit beside Mann-Whitney',
      share('method: mann-whitney, limit: 5%'),
      'analysis.metrics.errors.limit: errors is judged by mann-whitney, which looks at no limit; leave it out, or add a metric by another name with method: threshold',
    ],
    [
      'a mistyped method',
      share('method: mannwhitney'),
      'analysis.metrics.errors.method: given "mannwhitney"; did you mean mann-whitney? allowed: sequential, threshold or mann-whitney',
    ],
    [
      'Mann-Whitney of evidence',
      share('mann-whitney: { tolerance: 1 }'),
      'analysis.metrics.errors.mann-whitney: is for method: mann-whitney; errors is judged by sequential',
    ],
    [
      'an effect that falls',
      share('method: mann-whitney, mann-whitney: { allowed-effect: [1.2, 0.8] }'),
      'analysis.metrics.errors.mann-whitney.allowed-effect: given a list; allowed: two factors such as [0.8, 1.2], the first at most the second',
    ],
  ])('%s', async (_, text, line) => {
    const lines = await refusal(`${LEAST}analysis: ${text}\n`)
    expect(lines.map((one) => one.replace(/^3:\d+: /, ''))).toEqual([line])
  })

  it.each([
    ['alpha', '5', 'given 5; allowed: a chance from 0.000001 to 0.5'],
    ['alpha', '0', 'given 0; allowed: a chance from 0.000001 to 0.5'],
    ['early-pass', '"yes"', 'given "yes"; allowed: true or false'],
    ['require', 'prove', 'given "prove"; allowed: no-harm or proof'],
    ['history', '10', 'given 10; allowed: a duration such as 250ms, 30s, 5m or 1h, at most 720h, or 0'],
    [
      'no-data-timeout',
      '0s',
      'given "0s"; allowed: a duration such as 250ms, 30s, 5m or 1h, at most 720h, and more than 0',
    ],
    ['pass-margin', '2', 'given 2; allowed: a map such as { ratio: 2, points: 0.5% }'],
  ])('%s: %s', async (key, value, message) => {
    const lines = await refusal(`${LEAST}analysis: { ${key}: ${value} }\n`)
    expect(lines.map((one) => one.replace(/^3:\d+: /, ''))).toEqual([`analysis.${key}: ${message}`])
  })
})

describe('a score', () => {
  const metrics = 'metrics: { errors: { method: mann-whitney, mann-whitney: { group: answers } } }'
  it.each([
    [
      'of nothing',
      '{ score: { marginal: 75, pass: 95 } }',
      'score: is of metrics with method: mann-whitney, and there is none',
    ],
    [
      'that passes before it is marginal',
      `{ score: { marginal: 95, pass: 75 }, ${metrics} }`,
      'score: given { marginal: 95, pass: 75 }; allowed: a marginal score that is at most the one to pass',
    ],
    [
      'beyond the whole',
      `{ score: { marginal: 95, pass: 101 }, ${metrics} }`,
      'score.pass: given 101; allowed: a score from 0 to 100',
    ],
    ['without a mark to pass', `{ score: { marginal: 95 }, ${metrics} }`, 'score.pass: is missing'],
    [
      'of a group that is not there',
      `{ score: { marginal: 75, pass: 95, groups: { answer: 50% } }, ${metrics} }`,
      'score.groups.answer: no metric says mann-whitney: { group: answer }; did you mean answers?',
    ],
    [
      'of more than the whole',
      `{ score: { marginal: 75, pass: 95, groups: { answers: 120% } }, ${metrics} }`,
      'score.groups: the groups make up 120 % of the score; allowed: 100 % at most',
    ],
  ])('%s', async (_, text, line) => {
    const lines = await refusal(`${LEAST}analysis: ${text}\n`)
    expect(lines.map((one) => one.replace(/^3:\d+: /, ''))).toEqual([`analysis.${line}`])
  })
})

describe('secrets of a source', () => {
  const literal =
    "a literal value where a secret belongs is refused; write ${NAME} and set that variable in the step's env from a secret"
  it.each([
    ['prometheus: { url: "http://p", bearer: hunter2 }', `prometheus.bearer: ${literal}`],
    ['prometheus: { url: "http://p", bearer: "${T}2" }', `prometheus.bearer: ${literal}`],
    [
      'prometheus: { url: "http://p", basic: { user: u, password: hunter2 } }',
      `prometheus.basic.password: ${literal}`,
    ],
    [
      'prometheus: { url: "http://u:hunter2@p" }',
      "prometheus.url: an address with a password in it where a secret belongs is refused; write ${NAME} and set that variable in the step's env from a secret",
    ],
    [
      'prometheus: { url: "http://p", headers: { Authorization: Bearer hunter2 } }',
      `prometheus.headers.Authorization: ${literal}`,
    ],
    ['datadog: { api-key: hunter2, application-key: "${B}" }', `datadog.api-key: ${literal}`],
    ['datadog: { api-key: "${A}", application-key: hunter2 }', `datadog.application-key: ${literal}`],
    ['cloudwatch: { secret-access-key: hunter2 }', `cloudwatch.secret-access-key: ${literal}`],
    ['influxdb: { url: "http://i", org: o, token: hunter2 }', `influxdb.token: ${literal}`],
    [
      'prometheus: { url: "http://p", tls: { cert: c.pem, key: "-----BEGIN PRIVATE KEY-----hunter2" } }',
      "prometheus.tls.key: a private key where a secret belongs is refused; write ${NAME} and set that variable in the step's env from a secret",
    ],
  ])('are refused in the file and not repeated: %s', async (source, line) => {
    for (const [text, at] of [
      [`{ source: { ${source} } }`, 'analysis.source'],
      [`{ sources: { main: { ${source} } } }`, 'analysis.sources.main'],
    ] as const) {
      const lines = await refusal(`${LEAST}analysis: ${text}\n`)
      expect(lines.map((one) => one.replace(/^3:\d+: /, ''))).toEqual([`${at}.${line}`])
      expect(lines.join()).not.toContain('hunter2')
    }
  })
})
