import { describe, expect, it } from '@jest/globals'
import { LEAST, refusal } from './given.js'

/** What is refused, and every line that is said of it: line, column, key, what was given, what is allowed. */
async function refuses(text: string, lines: readonly string[]): Promise<void> {
  expect(await refusal(`${LEAST}analysis: ${text}\n`)).toEqual(lines)
}

describe('a placeholder', () => {
  const BAD = `'b{slot="{{slot}}"}'`
  const prometheus = (more: string, metrics: string): string =>
    `{ source: { prometheus: { url: "http://p"${more} } }, metrics: { ${metrics} } }`
  const errors = (requests: string, bad = BAD): string => `errors: { requests: ${requests}, bad: ${bad} }`
  const of = (source: string, metrics: string): string => `{ source: { ${source} }, metrics: { ${metrics} } }`
  const local = 'which nothing fills in on platform local'

  it.each([
    [
      'that is mistyped',
      prometheus('', errors(`'a{slot="{{slto}}"}'`)),
      [
        `3:89: analysis.metrics.errors.requests: given {{slto}}, ${local}; did you mean {{slot}}? allowed: {{service}}, {{slot}}, {{environment}}`,
      ],
    ],
    [
      'that nobody knows',
      prometheus(', values: { namespace: shop }', errors(`'a{x="{{nosuch}}",y="{{namespace}}"}'`)),
      [
        `3:118: analysis.metrics.errors.requests: given {{nosuch}}, ${local}; allowed: {{service}}, {{slot}}, {{environment}}, {{namespace}}`,
      ],
    ],
    [
      'of pods, where the platform has none',
      prometheus('', errors(`'a{pod=~"{{pods}}"}'`)),
      [
        `3:89: analysis.metrics.errors.requests: given {{pods}}, ${local}; allowed: {{service}}, {{slot}}, {{environment}}`,
      ],
    ],
    [
      'of pods, by a preset, told once',
      '{ source: { prometheus: { url: "http://p", preset: istio } }, metrics: [errors, latency-p95] }',
      [
        '3:62: analysis.source.prometheus.preset: asks by {{pods}}, which platform local does not fill in; allowed: another preset, or queries of your own',
      ],
    ],
    [
      'in a list',
      prometheus('', errors(`'a{slot="{{slot}}"}'`, `['b{slot="{{slot}}"}', 'c{slot="{{slto}}"}']`)),
      [
        `3:139: analysis.metrics.errors.bad[1]: given {{slto}}, ${local}; did you mean {{slot}}? allowed: {{service}}, {{slot}}, {{environment}}`,
      ],
    ],
    [
      'of how far to look back, where nothing looks back',
      prometheus('', errors(`'a{since="{{range}}"}'`)),
      [
        `3:89: analysis.metrics.errors.requests: given {{range}}, ${local}; allowed: {{service}}, {{slot}}, {{environment}}`,
      ],
    ],
    [
      'in a dimension, that one slot says alone',
      of(
        'cloudwatch: { slots: { blue: { lb: a, tg: b }, green: { tg: c } } }',
        'errors: { dimensions: { LoadBalancer: "{{lb}}", TargetGroup: "{{tg}}" } }',
      ),
      [
        `3:143: analysis.metrics.errors.dimensions.LoadBalancer: given {{lb}}, ${local}; allowed: {{service}}, {{slot}}, {{environment}}, {{tg}}`,
      ],
    ],
    [
      'in the name of a metric, which is the same of both slots',
      of('cloudwatch: {}', 'errors: { dimensions: { Slot: "{{slot}}" }, requests: "{{slot}}-requests" }'),
      [
        '3:106: analysis.metrics.errors.requests: given {{slot}}; allowed: no placeholders, for it is the same of both slots',
      ],
    ],
    [
      'of an edge, in what is no bucket',
      of('graphite: { url: "http://g" }', errors('"a.{{slot}}"', '"a.{{edge}}"')),
      [
        `3:106: analysis.metrics.errors.bad: given {{edge}}, ${local}; allowed: {{service}}, {{slot}}, {{environment}}`,
      ],
    ],
    [
      'that the platform fills in, among the values of a source',
      prometheus(', values: { slot: mine, service: yours }', errors(BAD)),
      [
        '3:64: analysis.source.prometheus.values.slot: {{slot}} is what platform local says of a slot; allowed: another name, such as my-slot',
      ],
    ],
  ])('%s', (_, text, lines) => refuses(text, lines))

  it.each([
    ['of the platform', prometheus('', errors(`'a{x="{{ slot }}{{service}}{{environment}}"}'`))],
    ['of a scalar', prometheus('', `queue: { query: 'rate(a{slot="{{slot}}"}[{{range}}])', limit: 1 }`)],
    ['of a preset’s roles', prometheus(', preset: ingress-nginx', errors(`'a{canary=~"{{canary}}"}'`))],
    [
      'of buckets of Graphite',
      of('graphite: { url: "http://g" }', 'latency-p95: { buckets: "a.{{slot}}.{{edge}}", edges: [1s] }'),
    ],
    [
      'of a window',
      of(
        'web: { url: "http://w" }',
        `load: { path: "/{{slot}}?{{from-s}}-{{to-ms}}", value: $.a, limit: 1 }`,
      ),
    ],
  ])('is taken: %s', (_, text) => refuses(text, []))
})

describe('the path of a web source', () => {
  const path = (given: string, more = 'requests: $.a, bad: $.b', name = 'errors'): string =>
    `{ source: { web: { url: "http://w" } }, metrics: { ${name}: { path: "${given}", ${more} } } }`
  const told = (lacks: string): string =>
    `has no {{${lacks}}}, so that it names no window; allowed: both ends, such as /stats?slot={{slot}}&from={{from}}&to={{to}}, each also as {{from-s}} or {{from-ms}}`
  it.each([
    ['an end', path('/s?from={{from}}'), [`3:78: analysis.metrics.errors.path: ${told('to')}`]],
    ['a beginning', path('/s?to={{to}}'), [`3:78: analysis.metrics.errors.path: ${told('from')}`]],
    [
      'an end, of a single number',
      path('/s?from={{from-ms}}', 'value: $.a, limit: 1', 'load'),
      [`3:76: analysis.metrics.load.path: ${told('to')}`],
    ],
    ['nothing', path('/s?slot={{slot}}&from={{from}}&to={{to}}'), []],
    ['both, of a single number, which is that of now', path('/s', 'value: $.a, limit: 1', 'load'), []],
  ])('is read for what it lacks: %s', (_, text, lines) => refuses(text, lines))
})
