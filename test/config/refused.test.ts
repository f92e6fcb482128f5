import { describe, expect, it } from '@jest/globals'
import { LEAST, refusal, type Asked } from './given.js'

/** What is refused, and every line that is said of it: line, column, key, what was given, what is allowed. */
async function refuses(text: string, lines: readonly string[], asked?: Asked): Promise<void> {
  expect(await refusal(text, asked)).toEqual(lines)
}

const WITH = (more: string): string => `${LEAST}${more}\n`
const DURATION = 'a duration such as 250ms, 30s, 5m or 1h, at most 720h'
const STEP_KEYS = 'weight, hold, analyze, smoke, keep-stable-warm'
const WEIGHT = 'a percentage of all requests from 0 to 100 with at most two decimals, such as 5, 25 or 100'

describe('text that is no configuration', () => {
  const empty = '1:1: the file is empty; allowed: a map of keys such as service: shop'
  it.each([
    ['nothing', '', [empty]],
    ['a comment', '# later\n', [empty]],
    ['a list', '- service: shop\n', ['1:1: given a list; allowed: a map of keys such as service: shop']],
    ['a word', 'shop\n', ['1:1: given "shop"; allowed: a map of keys such as service: shop']],
    [
      'a key given twice',
      'service: shop\nservice: web\n',
      ['2:1: service is given twice in the same map; allowed: each key once'],
    ],
    ['a tab', 'service: shop\nplatform:\n\tlocal: {}\n', ['3:1: a tab; allowed: spaces for indentation']],
    [
      'two documents',
      'service: a\n---\nservice: b\n',
      ['2:1: a second document (---); allowed: one document in a file'],
    ],
    [
      'an unknown tag',
      'service: !!js/function x\n',
      ['1:10: the tag !!js/function is not known; allowed: plain YAML without tags'],
    ],
    ['a list as a key', '? [a, b]\n: c\n', ['1:3: a key that is no text; allowed: text as keys']],
    [
      'an open bracket',
      'plan: [\n',
      [
        '2:1: no valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
    ['an unknown alias', 'service: *shop\n', ['1:10: the alias *shop has no anchor &shop before it']],
    [
      'a list that holds itself',
      'plan: &p [*p]\n',
      ['1:1: is nested too deeply, contains itself, or holds too much'],
    ],
  ])('%s', (_, text, lines) => refuses(text, lines))

  it('aliases that multiply', async () => {
    const levels = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 9; i++)
      levels.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`)
    const lines = await refusal(levels.join('\n'))
    expect(lines).toEqual([
      '1:1: cannot be read: Excessive alias count indicates a resource exhaustion attack',
    ])
  })

  it('brackets without end, and files of many megabytes', async () => {
    expect(await refusal('['.repeat(100_000))).toEqual([
      expect.stringMatching(/^1:\d+: is nested too deeply$/),
    ])
    await refuses('x'.repeat(300_000), ['1:1: given 300000 characters; allowed: at most 262144'])
  })

  it.each(['__proto__', 'constructor', 'prototype'])(
    'keys that would change what an object is: %s',
    async (key) => {
      await refuses(WITH(`${key}: { polluted: true }`), [
        `3:1: ${key}: this key is refused: it would change what an object is`,
      ])
      await refuses(WITH(`services: { ${key}: {} }`), [
        `3:13: services.${key}: this key is refused: it would change what an object is`,
      ])
      expect(Object.prototype).not.toHaveProperty('polluted')
    },
  )
})

describe('keys', () => {
  it.each([
    [
      'a mistyped key of the top level',
      'service: shop\nplatfrom: {}\n',
      /^2:1: platfrom: unknown key; did you mean platform\? Allowed here: service, services, environment, environments, platform,/,
    ],
    [
      'a key with underscores',
      WITH('plan:\n  - weight: 100\n    keep_stable_warm: 1h'),
      /^5:5: plan\[0\]\.keep_stable_warm: unknown key; did you mean keep-stable-warm\?/,
    ],
    [
      'a key like nothing',
      WITH('plan:\n  - weight: 100\n    zzzzzz: 1'),
      new RegExp(`^5:5: plan\\[0\\]\\.zzzzzz: unknown key\\. Allowed here: ${STEP_KEYS}$`),
    ],
    ['a merge key', WITH('<<: { strategy: canary }'), /^3:1: "<<": unknown key\. Allowed here: service,/],
    ['a number', WITH('1: x'), /^3:1: 1: unknown key\. Allowed here: service,/],
    ['a key for another place', WITH('weight: 5'), /^3:1: weight: unknown key\. Allowed here: service,/],
    [
      'a missing key of a step',
      WITH('plan:\n  - hold: 5m\n  - weight: 100'),
      /^4:5: plan\[0\]\.weight: is missing$/,
    ],
    ['a missing path of a check', WITH('smoke:\n  - name: home'), /^4:5: smoke\[0\]\.path: is missing$/],
  ])('%s', async (_, text, line) => {
    expect((await refusal(text)).join('\n')).toMatch(line)
  })

  it('are all told at once, in the order of the file', async () => {
    const text =
      'servce: shop\nplatform: { local: { comand: x, prt: 1 } }\nplan: [{ wait: 5m, weight: 200 }]\n'
    const keys = (await refusal(text)).map((line) => line.split(' ').slice(0, 2).join(' '))
    expect(keys).toEqual([
      '1:1: servce:',
      '2:22: platform.local.comand:',
      '2:33: platform.local.prt:',
      '3:10: plan[0].wait:',
      '3:28: plan[0].weight:',
    ])
  })
})

describe('values', () => {
  it.each([
    [
      'nothing',
      WITH('strategy:'),
      '3:10: strategy: given nothing; allowed: canary, blue-green, rolling or recreate',
    ],
    [
      'another word',
      WITH('strategy: cannary'),
      '3:11: strategy: given "cannary"; did you mean canary? allowed: canary, blue-green, rolling or recreate',
    ],
    [
      'a duration without unit',
      WITH('timing: { drain: 30 }'),
      `3:18: timing.drain: given 30; allowed: ${DURATION}, or 0`,
    ],
    [
      'a duration in words',
      WITH('timing: { park: 1 day }'),
      `3:17: timing.park: given "1 day"; allowed: ${DURATION}, and more than 0`,
    ],
    [
      'a fraction of an hour',
      WITH('timing: { park: 1.5h }'),
      `3:17: timing.park: given "1.5h"; allowed: ${DURATION}, and more than 0`,
    ],
    [
      'too long a duration',
      WITH('timing: { park: 721h }'),
      `3:17: timing.park: given "721h"; allowed: ${DURATION}, and more than 0`,
    ],
    [
      'no time at all',
      WITH('analysis: { interval: 0s }'),
      `3:23: analysis.interval: given "0s"; allowed: ${DURATION}, and more than 0`,
    ],
    [
      'a weight above 100',
      WITH('plan: [{ weight: 101 }]'),
      `3:18: plan[0].weight: given 101; allowed: ${WEIGHT}`,
    ],
    [
      'a weight below 0',
      WITH('plan: [{ weight: -1 }]'),
      `3:18: plan[0].weight: given -1; allowed: ${WEIGHT}`,
    ],
    [
      'too fine a weight',
      WITH('plan: [{ weight: 0.001 }]'),
      `3:18: plan[0].weight: given 0.001; allowed: ${WEIGHT}`,
    ],
    ['no number', WITH('plan: [{ weight: .nan }]'), `3:18: plan[0].weight: given NaN; allowed: ${WEIGHT}`],
    [
      'a weight and a word (trap 34)',
      WITH('plan: [{ weight: 25abc }]'),
      `3:18: plan[0].weight: given "25abc"; allowed: ${WEIGHT}`,
    ],
    [
      'yes',
      WITH('github: { deployments: yes }'),
      '3:24: github.deployments: given "yes"; allowed: true or false',
    ],
    [
      'a replica too many',
      WITH('environments: { s: { platform: { local: { replicas: 65 } } } }'),
      '3:53: environments.s.platform.local.replicas: given 65; allowed: a whole number from 1 to 64',
    ],
    [
      'half a replica',
      LEAST.replace('server.js', 'server.js, replicas: 1.5'),
      '2:57: platform.local.replicas: given 1.5; allowed: a whole number from 1 to 64',
    ],
    [
      'a map for text',
      WITH('environment: { a: b }'),
      '3:14: environment: given a map with a; allowed: a name for the environment of letters, digits, ".", "_" and "-", at most 63, such as shop or shop-api',
    ],
    [
      'text for a map',
      WITH('timing: fast'),
      '3:9: timing: given "fast"; allowed: a map of durations such as { drain: 30s, park: 24h }',
    ],
    [
      'text for a list',
      WITH('plan: 100'),
      '3:7: plan: given 100; allowed: a list of steps such as - { weight: 5, hold: 5m }',
    ],
    [
      'an empty plan',
      WITH('plan: []'),
      '3:7: plan: given an empty list; allowed: at least the step { weight: 100 }',
    ],
    [
      'a relative path of a request',
      WITH('smoke: [{ path: health }]'),
      '3:17: smoke[0].path: given "health"; allowed: a path that begins with /, such as /health or /search?q=tea',
    ],
    [
      'no JSON path',
      WITH('smoke: [{ path: /, json: { status: ok } }]'),
      '3:28: smoke[0].json.status: given "status"; allowed: a JSON path that begins with $, such as $.items[0].id',
    ],
    [
      'no status',
      WITH('smoke: [{ path: /, status: 99 }]'),
      '3:28: smoke[0].status: given 99; allowed: a status such as 200, or a list: [200, 204]',
    ],
    [
      'no address',
      WITH('confirm: { url: shop.example.com, header: v }'),
      '3:17: confirm.url: given "shop.example.com"; allowed: an http or https address such as https://shop.example.com/health; ${NAME} is filled in',
    ],
    [
      'two marks of a version',
      WITH('confirm: { header: v, json: $.v }'),
      '3:10: confirm: given a map with header and json; allowed: either header or json, whichever names the version',
    ],
    [
      'too many questions',
      WITH('confirm: { header: v, rate: 201 }'),
      '3:29: confirm.rate: given 201; allowed: requests a second from 1 to 200',
    ],
    [
      'a share without its sign',
      WITH('analysis: { metrics: [{ name: errors, tolerate: 0.1 }] }'),
      '3:49: analysis.metrics[0].tolerate: given 0.1; allowed: a percentage of the value of stable, written with its sign: 0.05%, 5% or 25%',
    ],
    [
      'a name with a slash',
      'service: a/b\n',
      '1:10: service: given "a/b"; allowed: a name for the service of letters, digits, ".", "_" and "-", at most 63, such as shop or shop-api',
    ],
    [
      'a relative state directory',
      LEAST.replace('server.js', 'server.js, directory: state'),
      '2:58: platform.local.directory: given "state"; allowed: an absolute path, such as /var/lib/tuesday/shop',
    ],
    [
      'a long value, shortened',
      WITH(`strategy: ${'x'.repeat(500)}`),
      `3:11: strategy: given "${'x'.repeat(59)}…; allowed: canary, blue-green, rolling or recreate`,
    ],
  ])('%s', (_, text, line) => refuses(text, [line]))
})

describe('what is known but not there yet', () => {
  it.each([
    [
      'kubernetes',
      'service: a\nplatform: { kubernetes: { namespace: x } }\n',
      '2:13: platform.kubernetes: kubernetes is not supported yet; this version knows local',
    ],
    [
      'ecs',
      'service: a\nplatform: { ecs: {} }\n',
      '2:13: platform.ecs: ecs is not supported yet; this version knows local',
    ],
    [
      'another router',
      WITH('router: { gateway-api: { route: shop } }'),
      '3:9: router: gateway-api is not supported yet; this version knows local',
    ],
    [
      'rolling',
      WITH('strategy: rolling'),
      '3:11: strategy: given rolling, which updates a release in place; the local platform has slots. Allowed there: canary or blue-green',
    ],
  ])('%s', (_, text, line) => refuses(text, [line]))

  it('says so of a strategy that the workflow asks for', () =>
    refuses(
      LEAST,
      [
        '1:1: strategy: the step asks for recreate, which updates a release in place; the local platform has slots. Allowed there: canary or blue-green',
      ],
      { overrides: { strategy: 'recreate' } },
    ))
})
