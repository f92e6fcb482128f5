import { describe, expect, it } from '@jest/globals'
import { Figures, missedTargets } from '../../bench/analysis/figures.ts'
import { medianBetween } from '../../bench/analysis/bounds.ts'
import { detailsOf, jsonOf } from '../../bench/analysis/json-figures.ts'
import { medianOf } from '../../bench/analysis/look-cost.ts'
import { rows, shareId, type Row } from '../../bench/analysis/rows.ts'
import { tablesOf } from '../../bench/analysis/tables.ts'

const cost = { look: { errors: 0.1, latency: 0.2 }, bakeMB: 50, fineBakeMB: 120 }
const never = (count: number): number[] => new Array<number>(count).fill(Infinity)

/** Runs as the targets want them: healthy releases pass, and worse ones are failed after 40 s. */
function figuresWith(change: (row: Row) => readonly number[] | undefined = () => undefined): Figures {
  const ofRow = (row: Row) => change(row) ?? (row.healthy ? never(4_000) : [40, 40, 40])
  return new Figures(new Map(rows.map((row) => [row.id, ofRow(row)])))
}

const isShipped = (id: string) => (row: Row) => row.rule === 'shipped' && row.id === id
const only = (id: string, runs: readonly number[]) =>
  figuresWith((row) => (isShipped(id)(row) ? runs : undefined))

describe('the figures of the analysis benchmark', () => {
  const circumstances = { cost, seed: 3, seconds: 61, judging: '0a1b2c' } as const

  it('end in JSON with the keys that others read', () => {
    const failed = [100, ...never(3_999)]
    const json = jsonOf(only(shareId('shipped', '1%', 'bursts'), failed), cost)
    expect(json).toMatchObject({
      falseFail: { healthy: 0, bursts: 1 / 4_000, incident: 0, outage: 0 },
      medianSeconds: { '0.1%': [40, 40, 40, 40], '1%': [40, 40, 40] },
      lookMs: 0.2,
    })
    expect(Object.keys(json)).toEqual(['falseFail', 'medianSeconds', 'lookMs'])
    expect(Object.keys(json.falseFail)).toEqual(['healthy', 'bursts', 'incident', 'outage'])
  })

  it('tell in a line before it how they were taken, and how sure they are', () => {
    expect(detailsOf(figuresWith(), circumstances)).toMatchObject({
      bakeMB: 50,
      seed: 3,
      cores: expect.any(Number),
      node: process.version,
      falseFailUpper95: { bursts: expect.closeTo(0.00075, 5) },
      medianSeconds95: {
        '1%': [
          [40, 40],
          [40, 40],
          [40, 40],
        ],
      },
    })
  })

  it('say of each median between which values it lies', () => {
    // 40th and 61st of a hundred, as tables of the sign test have them.
    expect(medianBetween(Array.from({ length: 100 }, (_, i) => 100 - i))).toEqual([40, 61])
    const id = shareId('shipped', '0.1%', 'calm', 0.02)
    const spread = Array.from({ length: 100 }, (_, i) => 10 * i)
    expect(tablesOf(only(id, spread), cost)).toContain('40 / 40 / 500 (390–600) / 40')
  })

  it('name the runs of each row', () => {
    const lines = tablesOf(figuresWith(), cost)
      .split('\n')
      .filter((line) => /^\| [^-]/.test(line))
    const [heads, rowsBelow] = [
      lines.filter((line) => line.includes('runs: ')),
      lines.filter((line) => line.endsWith(' |') && /\d, [\d,]+ \|$/.test(line)),
    ]
    expect(heads).toHaveLength(3)
    expect(rowsBelow).toHaveLength(6 + 4 + 2)
  })

  it('count a release that was never failed as one that takes for ever', () => {
    expect(medianOf([40, Infinity, 50])).toBe(50)
    const id = shareId('shipped', '0.1%', 'calm', 0.005)
    expect(only(id, [40, 40, 40, Infinity]).noticed('0.1%', 0.005).medianSeconds).toBe(40)
    const mostly = only(id, [40, Infinity, Infinity])
    expect(mostly.noticed('0.1%', 0.005)).toMatchObject({ medianSeconds: Infinity, found: 1 / 3 })
    expect(jsonOf(mostly, cost).medianSeconds['0.1%']).toEqual([null, 40, 40, 40])
    expect(tablesOf(mostly, cost)).toContain(
      'not within 30 min (33 % found) / 40 / 40 / 40 (at most 440 / 180 / 90 / 40)',
    )
  })

  it('miss nothing when all is as wanted', () => {
    expect(missedTargets(figuresWith(), cost)).toEqual([])
  })

  it.each([
    [
      'a false fail too many',
      shareId('shipped', '0.1%', 'outage'),
      [10, 10, ...never(3_998)],
      'errors at 0.1%, outage',
    ],
    [
      'a slow verdict',
      shareId('shipped', '1%', 'calm', 0.02),
      [230, 230, 230],
      '+2 points at 1%: noticed after 230 s; at most 220 s',
    ],
    [
      'a verdict that never comes',
      shareId('shipped', '1%', 'calm', 0.05),
      never(3),
      'noticed after Infinity s; at most 70 s',
    ],
  ])('miss a target by %s', (_, id, runs, message) => {
    expect(missedTargets(only(id, runs), cost)).toEqual([expect.stringContaining(message)])
  })

  it('miss the target for a look that takes a millisecond', () => {
    const slow = { ...cost, look: { errors: 0.1, latency: 1 } }
    expect(missedTargets(figuresWith(), slow)).toEqual([expect.stringContaining('a look costs 1 ms')])
  })

  it('name the buckets that a bake was measured with', () => {
    const text = tablesOf(figuresWith(), cost)
    expect(text).toMatch(/latencies in the \d+ buckets of the local router \| 50 MB \| < 100 MB/)
    expect(text).toMatch(/the same in 146 buckets \| 120 MB \| –/)
  })

  it('miss the target for a bake that keeps too much', () => {
    const large = { ...cost, bakeMB: 101 }
    expect(missedTargets(figuresWith(), large)).toEqual(['a bake keeps 101 MB; less than 100 MB are allowed'])
  })

  it('of few runs miss the target for false fails only where that is certain', () => {
    const id = shareId('shipped', '0.1%', 'calm')
    expect(missedTargets(only(id, [10, ...never(599)]), cost)).toEqual([])
    expect(missedTargets(only(id, [10, 10, ...never(3_998)]), cost)).toHaveLength(1)
    expect(missedTargets(only(id, [...new Array<number>(9).fill(10), ...never(591)]), cost)).toHaveLength(1)
  })
})
