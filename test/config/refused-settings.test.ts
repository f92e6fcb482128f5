import { describe, expect, it } from '@jest/globals'
import { LEAST, refusal, type Asked } from './given.js'

/** What is refused, and every line that is said of it: line, column, key, what was given, what is allowed. */
async function refuses(text: string, lines: readonly string[], asked?: Asked): Promise<void> {
  expect(await refusal(text, asked)).toEqual(lines)
}

const WITH = (more: string): string => `${LEAST}${more}\n`

describe('plans', () => {
  it.each([
    [
      'that do not rise',
      '[{ weight: 25 }, { weight: 25 }, { weight: 100 }]',
      '3:34: plan[1].weight: given 25; allowed: more than the 25 of the step before it: weights rise',
    ],
    [
      'that do not end at 100',
      '[{ weight: 5 }, { weight: 50 }]',
      '3:33: plan[1].weight: given 50; allowed: 100: the last step of a plan gives everybody the release',
    ],
    [
      'that hold nobody',
      '[{ weight: 0, hold: 5m }, { weight: 100 }]',
      '3:27: plan[0].hold: given "5m"; allowed: no hold at weight 0: nobody reaches the candidate there',
    ],
    [
      'that smoke too late',
      '[{ weight: 5, smoke: [a.yml] }, { weight: 100 }]',
      '3:28: plan[0].smoke: given a list; allowed: smoke in a step with weight 0, or at the top level: it runs before any traffic',
    ],
    [
      'that keep warm too early',
      '[{ weight: 5, keep-stable-warm: 1h }, { weight: 100 }]',
      '3:39: plan[0].keep-stable-warm: given "1h"; allowed: keep-stable-warm in the step with weight 100, or at the top level',
    ],
    [
      'that analyze without analysis',
      '[{ weight: 5, analyze: true }, { weight: 100 }]',
      '3:30: plan[0].analyze: given true, but nothing says how; add analysis: { metrics: [errors, latency-p95] }',
    ],
  ])('%s', (_, plan, line) => refuses(WITH(`plan: ${plan}`), [line]))

  it('of blue-green have no weights between 0 and 100', () =>
    refuses(WITH('strategy: blue-green\nplan: [{ weight: 0 }, { weight: 50 }, { weight: 100 }]'), [
      '4:33: plan[1].weight: given 50; strategy blue-green knows the weights 0 and 100. For weights between them: strategy: canary',
    ]))
})

describe('metrics', () => {
  it.each([
    [
      'an unknown name',
      '[eror]',
      '3:23: analysis.metrics[0]: given "eror"; did you mean errors? allowed: errors, latency-p95 or another percentile such as latency-p99, or a map such as { name: latency-p99, limit: 800ms }',
    ],
    [
      'one twice',
      '[errors, errors]',
      '3:31: analysis.metrics[1]: given errors twice; allowed: each metric once',
    ],
    [
      'one without kind',
      '[{ name: orders }]',
      '3:23: analysis.metrics[0]: does not say what is counted; allowed: kind: share, or kind: latency with a percentile',
    ],
    [
      'a latency without percentile',
      '[{ name: slow, kind: latency }]',
      '3:43: analysis.metrics[0].kind: slow is a latency; add the percentile, such as percentile: 95',
    ],
    [
      'two percentiles',
      '[{ name: latency-p99, percentile: 95 }]',
      '3:56: analysis.metrics[0].percentile: given 95 for latency-p99; leave it out, or name it latency-p95',
    ],
    [
      'a share in time',
      '[{ name: errors, limit: 5s }]',
      '3:46: analysis.metrics[0].limit: given 5s; errors is a share; allowed: a percentage such as 5%',
    ],
    [
      'a latency in percent',
      '[{ name: latency-p95, limit: 5% }]',
      '3:51: analysis.metrics[0].limit: given 5%; latency-p95 is a latency; allowed: a duration such as 800ms',
    ],
    [
      'no list at all',
      '[]',
      '3:22: analysis.metrics: given an empty list; allowed: at least one metric: [errors, latency-p95]',
    ],
  ])('%s', (_, metrics, line) => refuses(WITH(`analysis: { metrics: ${metrics} }`), [line]))
})

describe('secrets', () => {
  const advice =
    "where a secret belongs is refused; write ${NAME} and set that variable in the step's env from a secret"
  it.each([
    [
      'a password in an address',
      WITH('migrations: { database: "postgres://shop:hunter2@db/shop" }'),
      `3:25: migrations.database: an address with a password in it ${advice}`,
    ],
    [
      'a header',
      WITH('smoke: [{ path: /, headers: { Authorization: Bearer hunter2 } }]'),
      `3:46: smoke[0].headers.Authorization: a literal value ${advice}`,
    ],
    [
      'a variable of the service',
      LEAST.replace('server.js', 'server.js, env: { DB_PASSWORD: hunter2 }'),
      "2:67: platform.local.env.DB_PASSWORD: a literal value where a secret belongs is refused; name the variable in env-from instead, env-from: [DB_PASSWORD], and set it in the step's env from a secret",
    ],
    [
      'one for another environment',
      WITH('environments: { p: { migrations: { database: "pg://a:hunter2@b/c" } } }'),
      `3:46: environments.p.migrations.database: an address with a password in it ${advice}`,
    ],
    ['one under an unknown key', WITH('api-token: hunter2'), `3:12: api-token: a literal value ${advice}`],
  ])('are refused and not repeated: %s', async (_, text, line) => {
    const lines = await refusal(text)
    expect(lines).toEqual([line])
    expect(lines.join()).not.toContain('hunter2')
  })

  it('are not repeated when something else is wrong with them', async () => {
    const lines = await refusal(
      WITH('smoke: [{ path: "http://u:hunter2@h/", body: 5, headers: { X-Api-Key: [hunter2] } }]'),
    )
    expect(lines.length).toBeGreaterThanOrEqual(3)
    expect(lines.join()).not.toContain('hunter2')
  })

  it('from the environment are fine', async () => {
    expect(
      await refusal(WITH('smoke: [{ path: /, headers: { Authorization: "Bearer ${TOKEN}" } }]')),
    ).toEqual([])
    expect(await refusal(WITH('migrations: { database: "postgres://shop:${PGPASSWORD}@db/shop" }'))).toEqual(
      [],
    )
  })
})

describe('what a step asks for', () => {
  const several = 'services: { web: {}, api: {} }\nplatform: { local: { command: x } }\n'
  it.each([
    [
      'no service of several',
      several,
      {},
      '1:1: services: the step does not say which service; give it the input service: web, api',
    ],
    [
      'no service of several, of which each says itself what runs',
      'services: { web: { platform: { local: { command: x } } }, api: { platform: { local: { command: y } } } }\n',
      {},
      '1:1: services: the step does not say which service; give it the input service: web, api',
    ],
    [
      'an unknown service',
      several,
      { service: 'wbe' },
      '1:1: services: the step asks for service "wbe"; this file has web, api',
    ],
    [
      'another service',
      LEAST,
      { service: 'web' },
      '1:1: service: the step asks for service "web"; this file describes shop',
    ],
    [
      'a file that names none',
      'platform: { local: { command: x } }\n',
      {},
      '1:1: service: is missing; allowed: the name of what is deployed (service: shop), or several in a map services:',
    ],
    [
      'a file that names two',
      `service: a\n${several}`,
      {},
      '1:1: service: service and services exclude each other; keep the one that describes this file',
    ],
    [
      'an unknown environment',
      WITH('environments: { staging: {}, production: {} }'),
      { environment: 'prod' },
      '3:1: environments: the step asks for environment "prod"; this file has staging, production (did you mean production?). If the keys outside of environments: describe it, say so: environment: prod',
    ],
  ])('%s', (_, text, asked, line) => refuses(text, [line], asked))

  it('names the line of the layer that says it', () =>
    refuses(
      WITH(
        'analysis: { metrics: [errors] }\nenvironments:\n  staging:\n    analysis:\n      metrics: [errors, errors]',
      ),
      ['7:25: analysis.metrics[1]: given errors twice; allowed: each metric once'],
      { environment: 'staging' },
    ))
})

describe('what is missing after all layers', () => {
  it.each([
    [
      'a platform',
      'service: a\n',
      '1:1: platform: is missing; allowed: a map that names one platform, such as platform: { local: { command: node server.js } }',
    ],
    [
      'a command',
      'service: a\nplatform:\n  local: { port: 1 }\n',
      '3:3: platform.local.command: is missing; allowed: what starts the service, such as command: node server.js',
    ],
    [
      'a closing quote',
      'service: a\nplatform:\n  local: { command: "node \'x" }\n',
      `3:21: platform.local.command: the quote ' in "node 'x" is never closed`,
    ],
    [
      'the mark of a version',
      WITH('confirm: { rate: 5 }'),
      '3:1: confirm: names no version; allowed: header: x-version, or json: $.version, whichever the answers carry',
    ],
    [
      'a lease that lasts',
      WITH('timing: { lease-stale: 30s }'),
      '3:24: timing.lease-stale: lease-stale is 30s and lease-renew 30s; allowed: a lease-stale of at least twice lease-renew',
    ],
  ])('%s', (_, text, line) => refuses(text, [line]))

  it('a home for the state', () =>
    refuses(
      LEAST,
      [
        '2:13: platform.local.directory: is missing, and neither HOME nor XDG_STATE_HOME is set; allowed: an absolute path',
      ],
      { env: {} },
    ))
})
