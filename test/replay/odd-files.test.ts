import { describe, expect, it } from '@jest/globals'
import { judgeFile } from '../../src/replay/judge-file.js'
import { readJudgedFile } from '../../src/replay/read-file.js'

const share = (requests: number, bad: number) => ({ kind: 'share', requests, bad })
const latency = (counts: readonly number[]) => ({ kind: 'latency', edgesMs: [10, 20, 1e308], counts })
const mean = (sum: number) => ({ kind: 'mean', count: 1_000, sum, sumOfSquares: 1e239 })
const scalar = (value: number) => ({ kind: 'scalar', value })
const rule = (kind: string, more: object = {}) => ({ name: 'seen', kind, ...more })

/** A file with the same in each of so many blocks of 10 s. */
const file = (rules: readonly object[], sides: object, blocks = 40, weight = 5, more: object = {}) =>
  JSON.stringify({
    parameters: { rules, minSamples: 100, holdOver: true, ...more },
    blocks: Array.from({ length: blocks }, (_, i) => ({
      fromMs: i * 10_000,
      toMs: (i + 1) * 10_000,
      weight,
      metrics: { seen: sides },
    })),
  })

const judged = (text: string) => JSON.stringify(judgeFile(readJudgedFile(text, 'odd.json')))
const SHARE = [rule('share')]

describe('an odd file gets a verdict, with numbers where numbers are promised', () => {
  it.each<[string, string, string]>([
    ['no blocks', file(SHARE, {}, 0), 'inconclusive'],
    ['nothing in any block', file(SHARE, {}), 'inconclusive'],
    ['stable alone', file(SHARE, { stable: share(950, 1) }), 'inconclusive'],
    ['the candidate alone', file(SHARE, { candidate: share(50, 0) }), 'inconclusive'],
    ['the candidate alone at 100 %', file(SHARE, { candidate: share(50, 0) }, 40, 100), 'inconclusive'],
    ['no requests', file(SHARE, { stable: share(0, 0), candidate: share(0, 0) }), 'inconclusive'],
    [
      'no requests, and none asked for',
      file(SHARE, { stable: share(0, 0), candidate: share(0, 0) }, 40, 5, { minSamples: 0 }),
      'inconclusive',
    ],
    [
      'no requests, and no measurement asked for',
      file(
        [rule('share', { method: 'threshold', limit: 0.1, threshold: { count: 0 } })],
        { stable: share(0, 0), candidate: share(0, 0) },
        40,
        5,
        { minSamples: 0 },
      ),
      'inconclusive',
    ],
    ['no requests at stable', file(SHARE, { stable: share(0, 0), candidate: share(50, 0) }), 'inconclusive'],
    ['huge counts', file(SHARE, { stable: share(1e15, 1e12), candidate: share(1e15, 1e12) }), 'pass'],
    ['huge counts, all bad', file(SHARE, { stable: share(1e15, 0), candidate: share(1e15, 1e15) }), 'fail'],
    ['all bad on both sides', file(SHARE, { stable: share(950, 950), candidate: share(50, 50) }), 'pass'],
    [
      'huge latencies',
      file([rule('latency')], { stable: latency([9e15, 1, 0, 0]), candidate: latency([0, 0, 0, 9e15]) }),
      'fail',
    ],
    [
      'huge means',
      file([rule('mean', { limit: 1e300, tolerateRatio: 1e300 })], {
        stable: mean(1e119),
        candidate: mean(-1e119),
      }),
      'pass',
    ],
    [
      'huge scalars',
      file([rule('scalar', { method: 'threshold', limit: 1e100 })], { candidate: scalar(1e120) }),
      'fail',
    ],
    [
      'the least alpha',
      file(SHARE, { stable: share(950, 1), candidate: share(50, 0) }, 60, 5, { alpha: 1e-9 }),
      'pass',
    ],
    [
      'the longest hold and outage',
      file(SHARE, { stable: share(950, 1), candidate: share(50, 0) }, 60, 5, {
        longestHoldMs: 8.64e15,
        outageMs: 8.64e15,
      }),
      'inconclusive',
    ],
  ])('%s', (_, text, verdict) => {
    const said = judged(text)
    expect(JSON.parse(said)).toMatchObject({ verdict })
    expect(said).not.toMatch(/null|NaN|Infinity/)
  })

  it('whatever the weights of its rules are', () => {
    const rules = [1e-6, 1, 1e6].map((alphaWeight) => ({
      name: `m${alphaWeight}`,
      kind: 'share',
      alphaWeight,
    }))
    expect(judged(file(rules, {}))).not.toMatch(/null|NaN|Infinity/)
  })
})
