import { describe, expect, it } from '@jest/globals'
import { LEAST, refusal } from './given.js'

/** What is refused, and every line that is said of it. */
async function refuses(text: string, lines: readonly string[]): Promise<void> {
  expect(await refusal(`${LEAST}analysis:\n${text.replaceAll(/^/gm, '  ')}\n`)).toEqual(lines)
}

const PROMETHEUS = 'source: { prometheus: { url: "http://p" } }'
const SAME = 'asks the same of stable and candidate, so that a release is compared with itself;'
const WITH_SLOT = 'allowed: a query with {{slot}} in it'

describe('a query that says nothing of the side', () => {
  it.each([
    [
      'for both queries of a share',
      `${PROMETHEUS}\nmetrics:\n  errors:\n    requests: a{job="shop"}\n    bad: a{code="500"}`,
      [
        `7:17: analysis.metrics.errors.requests: ${SAME} ${WITH_SLOT}`,
        `8:12: analysis.metrics.errors.bad: ${SAME} ${WITH_SLOT}`,
      ],
    ],
    [
      'for one of several bad ones',
      `${PROMETHEUS}\nmetrics:\n  errors:\n    requests: a{slot="{{slot}}"}\n    bad:\n      - b{slot="{{slot}}"}\n      - c`,
      [`10:11: analysis.metrics.errors.bad[1]: ${SAME} ${WITH_SLOT}`],
    ],
    [
      'for a latency, by the name of the service alone',
      `${PROMETHEUS}\nmetrics: { latency-p95: { buckets: 'a_bucket{job="{{service}}"}' } }`,
      [`5:38: analysis.metrics.latency-p95.buckets: ${SAME} ${WITH_SLOT}`],
    ],
    [
      'for a mean',
      `${PROMETHEUS}\nmetrics: { basket: { sum: 'a{slot="{{slot}}"}', count: b } }`,
      [`5:58: analysis.metrics.basket.count: ${SAME} ${WITH_SLOT}`],
    ],
    [
      'for a scalar that is compared',
      `${PROMETHEUS}\nmetrics: { queue: { query: sum(up), method: mann-whitney } }`,
      [`5:30: analysis.metrics.queue.query: ${SAME} ${WITH_SLOT}`],
    ],
    [
      'for a placeholder in single braces',
      `${PROMETHEUS}\nmetrics: { errors: { requests: 'a{slot="{slot}"}', bad: 'a{slot="{{slot}}"}' } }`,
      [
        '5:34: analysis.metrics.errors.requests: has {slot} in single braces, which is text; allowed: {{slot}}',
      ],
    ],
    [
      'for a placeholder in single braces, of another source',
      'source: { graphite: { url: "http://g" } }\nmetrics: { errors: { requests: "a.{slot}", bad: "b.{{slot}}" } }',
      [`5:34: analysis.metrics.errors.requests: ${SAME} did you mean {{slot}}? ${WITH_SLOT}`],
    ],
    [
      'for pods that are named for both slots',
      'source: { prometheus: { url: "http://p", preset: istio, values: { pods: p } } }\nmetrics: [errors, latency-p95]',
      [
        '4:52: analysis.source.prometheus.preset: asks by {{pods}}, which are the same of both slots; allowed: another preset, or queries of your own with {{slot}} in them',
      ],
    ],
    [
      'for dimensions',
      'source: { cloudwatch: { region: eu-central-1 } }\nmetrics: { errors: { dimensions: { TargetGroup: a, LoadBalancer: b } } }',
      [`5:36: analysis.metrics.errors.dimensions: ${SAME} ${WITH_SLOT}`],
    ],
    [
      'for a condition',
      'source: { newrelic: { account-id: 1, api-key: "${A}" } }\nmetrics: { errors: { where: "a = 1", bad: error } }',
      [`5:31: analysis.metrics.errors.where: ${SAME} ${WITH_SLOT}`],
    ],
    [
      'for an address',
      'source: { web: { url: "http://w" } }\nmetrics: { errors: { path: "/s?{{from}}-{{to}}", requests: $.a, bad: $.b } }',
      [`5:30: analysis.metrics.errors.path: ${SAME} ${WITH_SLOT}`],
    ],
  ])('is refused %s', (_, text, lines) => refuses(text, lines))

  it.each([
    ['of a scalar with a limit', `${PROMETHEUS}\nmetrics: { queue: { query: sum(up), limit: 5 } }`],
    [
      'where a variable may say it',
      `${PROMETHEUS}\nmetrics: { errors: { requests: "\${REQUESTS}", bad: "\${BAD}" } }`,
    ],
    [
      'where one of the dimensions says it',
      'source: { cloudwatch: { region: eu-central-1 } }\nmetrics: { errors: { dimensions: { TargetGroup: "{{slot}}", LoadBalancer: b } } }',
    ],
    [
      'where a dimension is said of each slot',
      'source: { cloudwatch: { slots: { blue: { tg: a }, green: { tg: b } } } }\nmetrics: { errors: { dimensions: { TargetGroup: "{{tg}}" } } }',
    ],
    [
      'where the answer has both sides in it',
      `source: { web: { url: "http://w" } }\nmetrics: { errors: { path: "/s?{{from}}-{{to}}", requests: '$["{{slot}}"].a', bad: '$["{{slot}}"].b' } }`,
    ],
    [
      'where the part in the rollout says it',
      `source: { prometheus: { url: "http://p", preset: ingress-nginx } }\nmetrics: { errors: { bad: 'a{canary=~"{{canary}}"}' } }`,
    ],
  ])('is taken %s', (_, text) => refuses(text, []))

  it('is refused where a dimension is the same of each slot', async () => {
    const text =
      'source: { cloudwatch: { slots: { blue: { tg: a }, green: { tg: a } } } }\nmetrics: { errors: { dimensions: { TargetGroup: "{{tg}}" } } }'
    await refuses(text, [`5:36: analysis.metrics.errors.dimensions: ${SAME} ${WITH_SLOT}`])
  })
})

describe('a query of Prometheus', () => {
  const requests = (query: string): string =>
    `${PROMETHEUS}\nmetrics:\n  errors:\n    requests: ${query}\n    bad: b{slot="{{slot}}"}`
  const ALONE = 'name{label="value"} alone, for the counts are taken from the raw samples'
  it.each([
    ['a{slot={{slot}}}', 'has {{slot}} outside of quotes; allowed: slot="{{slot}}"'],
    ['a{slot=~{{slot}}}', 'has {{slot}} outside of quotes; allowed: slot=~"{{slot}}"'],
    ['a{slot="{{slot}}"', 'lacks a brace }; allowed: name{label="value"}'],
    ['a{slot="{{slot}}}', 'has a quote that is not closed; allowed: name{label="value"}'],
    ['a{job=shop,slot="{{slot}}"}', 'has shop as the value of job without quotes; allowed: job="shop"'],
    ['rate(a{slot="{{slot}}"}[5m])', `calls rate(…), which is more than a selector; allowed: ${ALONE}`],
    ['sum by (pod) (a{slot="{{slot}}"})', `calls sum(…), which is more than a selector; allowed: ${ALONE}`],
    ['a{slot="{{slot}}"}[5m]', `looks back by [5m], which is more than a selector; allowed: ${ALONE}`],
    ['a{slot="{{slot}}"} or c', `is more than a selector; allowed: ${ALONE}`],
    [
      'a{slot="{{slot}}",environment="{environment}"}',
      'has {environment} in single braces, which is text; allowed: {{environment}}',
    ],
  ])('is refused before a hold finds it out: %s', (query, told) =>
    refuses(requests(query), [`7:17: analysis.metrics.errors.requests: ${told}`]),
  )

  it('asks for the buckets of a histogram, and for no other series of it', async () => {
    const buckets = (name: string): string =>
      `${PROMETHEUS}\nmetrics: { latency-p95: { buckets: '${name}{slot="{{slot}}"}' } }`
    const told = (name: string): string =>
      `5:38: analysis.metrics.latency-p95.buckets: asks for ${name}, which are no buckets; allowed: seconds_bucket{label="value"}`
    await refuses(buckets('seconds'), [told('seconds')])
    await refuses(buckets('seconds_sum'), [told('seconds_sum')])
    await refuses(buckets('seconds_bucket'), [])
    await refuses(buckets('job:seconds:sum'), [])
  })

  it('may be any expression where it gives one number, with placeholders in quotes', async () => {
    const scalar = (query: string): string =>
      `${PROMETHEUS}\nmetrics: { queue: { query: '${query}', limit: 5 } }`
    await refuses(scalar('sum(rate(a{slot="{{slot}}"}[{{range}}]))'), [])
    await refuses(scalar('max(a{slot={{slot}}})'), [
      '5:30: analysis.metrics.queue.query: has {{slot}} outside of quotes; allowed: slot="{{slot}}"',
    ])
  })

  it('is taken with a variable in it', () => refuses(requests('${NAME}{job=${JOB},slot="{{slot}}"}'), []))
})
