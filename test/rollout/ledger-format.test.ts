import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  boundedBlocks,
  DamagedLedger,
  parseLedger,
  serializeLedger,
} from '../../src/rollout/ledger-format.js'
import type { Block } from '../../src/rollout/ports/judge.js'
import type { Sample } from '../../src/rollout/ports/metric-source.js'
import { at, ledgerOf, stageWith, step } from '../memory/played-steps.js'

const LEAST = {
  format: { major: 1, minor: 0 },
  service: 'shop',
  environment: 'production',
  repository: 'acme/shop',
}
const parse = (document: unknown) => parseLedger(JSON.stringify(document), 'ConfigMap shop/tuesday')

describe('a ledger', () => {
  it('keeps fields that this code does not know, wherever they stand, through a whole rollout', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    const ledger = JSON.parse(stage.ledgers.text ?? '')
    const newer = {
      ...ledger,
      format: { major: 1, minor: 7 },
      budget: { left: 3 },
      stable: { ...ledger.stable, region: 'eu' },
      rollout: { ...ledger.rollout, ticket: 'T-1', candidate: { ...ledger.rollout.candidate, zone: 'b' } },
      retire: [{ place: 'blue', version: 'v0', after: '2099-01-01T00:00:00.000Z', grace: '5m' }],
    }
    stage.ledgers.text = JSON.stringify(newer)
    await stage.conductor().shift(step(25))
    expect(ledgerOf(stage)).toMatchObject({
      format: { major: 1, minor: 7 },
      budget: { left: 3 },
      stable: { region: 'eu' },
      rollout: { weight: 25, ticket: 'T-1', candidate: { zone: 'b' } },
      retire: [{ version: 'v0', grace: '5m' }],
    })
    await stage.conductor().shift(step(100))
    expect(ledgerOf(stage)).toMatchObject({
      format: { minor: 7 },
      budget: { left: 3 },
      stable: { zone: 'b' },
    })
  })

  it('of a newer major version is refused, and nothing is touched', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const text = JSON.stringify({ ...ledgerOf(stage), format: { major: 2, minor: 0 } })
    stage.ledgers.text = text
    const { split } = stage.world
    for (const work of [
      () => stage.conductor().shift(step(50)),
      () => stage.conductor().rollback({ jobStatus: 'failure' }),
      () => stage.conductor().finishJob('failure'),
    ]) {
      await expect(work()).rejects.toThrow('has format 2.0; this version reads 1.x')
    }
    expect(stage.ledgers.text).toBe(text)
    expect(stage.world.split).toEqual(split)
  })

  it.each([
    ['', 'cannot be read'],
    ['{"format"', 'cannot be read'],
    ['[]', 'it has no format'],
    ['"text"', 'it has no format'],
    ['{}', 'it has no format'],
    [JSON.stringify({ ...LEAST, format: {} }), 'no major version'],
    [JSON.stringify({ format: LEAST.format, service: 'shop' }), 'environment, repository missing'],
    [JSON.stringify({ ...LEAST, closed: {} }), 'wrong shape'],
    [JSON.stringify({ ...LEAST, places: [] }), 'wrong shape'],
    [JSON.stringify({ ...LEAST, rollout: {} }), 'wrong shape'],
  ])('that is damaged is never guessed: %j', (text, why) => {
    expect(() => parseLedger(text, 'file /x')).toThrow(DamagedLedger)
    expect(() => parseLedger(text, 'file /x')).toThrow(why)
    expect(() => parseLedger(text, 'file /x')).toThrow('the ledger at file /x')
  })

  it('is completed where an older minor version wrote fewer lists', () => {
    expect(parse(LEAST)).toMatchObject({
      closed: [],
      releases: [],
      excluded: [],
      retire: [],
      settled: [],
      places: {},
    })
    // Two ledgers do not share what was missing in both.
    expect(parse(LEAST).places).not.toBe(parse(LEAST).places)
  })

  it('is the same after being written and read', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const ledger = ledgerOf(stage)
    expect(parseLedger(serializeLedger(ledger), 'here')).toEqual(ledger)
  })
})

const share: fc.Arbitrary<Sample> = fc
  .tuple(fc.nat(10_000), fc.nat(100))
  .map(([requests, bad]) => ({ kind: 'share', requests, bad: Math.min(bad, requests) }))
const latency: fc.Arbitrary<Sample> = fc
  .array(fc.nat(1_000), { minLength: 4, maxLength: 4 })
  .map((counts) => ({ kind: 'latency', edgesMs: [10, 20, 40], counts }))
const blocks: fc.Arbitrary<readonly Block[]> = fc
  .array(fc.record({ weight: fc.constantFrom(5, 25), errors: fc.option(share), slow: latency }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((list) =>
    list.map(({ weight, errors, slow }, i) => ({
      fromMs: i * 1_000,
      toMs: (i + 1) * 1_000,
      weight,
      metrics: {
        ...(errors !== null && { errors: { stable: errors, candidate: errors } }),
        'latency-p95': { candidate: slow },
      },
    })),
  )

/** All counts of a kind and side at each weight: what a judgement is made of. */
function counts(list: readonly Block[]): Record<string, readonly number[]> {
  const sums: Record<string, readonly number[]> = {}
  for (const { weight, metrics } of list) {
    for (const [name, sides] of Object.entries(metrics)) {
      for (const [side, sample] of Object.entries(sides)) {
        const key = `${weight} ${name} ${side}`
        const numbers = sample.kind === 'share' ? [sample.requests, sample.bad] : sample.counts
        sums[key] = numbers.map((number: number, i: number) => number + (sums[key]?.[i] ?? 0))
      }
    }
  }
  return sums
}

describe('evidence in the ledger', () => {
  it('is made coarser until it fits, and every count at every weight adds up as before', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        // A limit that one block of each weight in turn always fits into.
        const bounded = boundedBlocks(list, 40_000)
        expect(counts(bounded)).toEqual(counts(list))
      }),
    )
  })

  it('keeps to its limit and to the order of time', () => {
    fc.assert(
      fc.property(blocks, (list) => {
        const bounded = boundedBlocks(list, 2_000)
        expect(JSON.stringify(bounded).length).toBeLessThanOrEqual(2_000)
        for (const [i, block] of bounded.entries())
          expect(block.fromMs).toBeGreaterThanOrEqual(bounded[i - 1]?.toMs ?? 0)
      }),
    )
  })

  it('of one weight is merged, not dropped, however long a hold is', () => {
    const hour: Block[] = Array.from({ length: 3_600 }, (_, i) => ({
      fromMs: i * 1_000,
      toMs: (i + 1) * 1_000,
      weight: 25,
      metrics: { errors: { candidate: { kind: 'share', requests: 7, bad: 1 } } },
    }))
    const bounded = boundedBlocks(hour)
    expect(JSON.stringify(bounded).length).toBeLessThanOrEqual(65_536)
    expect(counts(bounded)).toEqual({ '25 errors candidate': [25_200, 3_600] })
    expect([bounded[0]?.fromMs, bounded.at(-1)?.toMs]).toEqual([0, 3_600_000])
  })

  it('of two histograms with different edges is not added up', () => {
    const one: Block = {
      fromMs: 0,
      toMs: 1,
      weight: 5,
      metrics: { slow: { candidate: { kind: 'latency', edgesMs: [10], counts: [1, 2] } } },
    }
    const other: Block = {
      ...one,
      metrics: { slow: { candidate: { kind: 'latency', edgesMs: [20], counts: [3, 4] } } },
    }
    const bounded = boundedBlocks([one, other, one, other], JSON.stringify([one, other, one]).length)
    // What cannot be merged is dropped from the oldest on.
    expect(bounded).toEqual([one, other])
  })
})
