import type { Block } from '../../src/rollout/ports/judge.js'
import type { ShareSample } from '../../src/rollout/ports/metric-source.js'
import { binomial, binomialOnce } from './binomial.ts'
import type { Random } from './random.ts'
import { blockMs, fromMsOf, requestsPerBlock, setting } from './setting.ts'

/** What real traffic does to a release that is no worse. */
export type Weather = 'calm' | 'bursts' | 'incident' | 'outage'

export interface Errors {
  /** Share of errors at stable, 0 to 1. */
  readonly stable: number
  /** Share of errors at the candidate. */
  readonly candidate: number
  readonly weather: Weather
}

/** Errors come in groups of this many on average, their sizes geometric. */
export const meanBurst = 3
const incident = { factor: 10, blocks: 30 }
const outageBlocks = 1

/** Errors among requests, one by one or in bursts, which come so rarely that their share is the same. */
export const errorsAmong = (random: Random, requests: number, share: number, inBursts: boolean): number => {
  if (!inBursts) return binomial(random, requests, share)
  let bad = 0
  for (let left = binomial(random, requests, share / meanBurst); left > 0; left--) {
    bad += 1
    while (random.next() < 1 - 1 / meanBurst) bad += 1
  }
  return Math.min(bad, requests)
}

/** The blocks of a 30-min bake, one after the other, after those of stable's history. */
export const shareBlocks = function* (random: Random, errors: Errors): Generator<Block> {
  const inBursts = errors.weather === 'bursts'
  const sample = (requests: number, share: number): ShareSample => ({
    kind: 'share',
    requests,
    bad: errorsAmong(random, requests, share, inBursts),
  })
  for (let index = -setting.historyBlocks; index < 0; index++)
    yield blockAt(index, 0, { stable: sample(requestsPerBlock, errors.stable) })
  // Both begin at a random moment: the incident at the edge of a block, the outage anywhere in one.
  const incidentFrom = Math.floor(random.next() * (setting.blocks - incident.blocks + 1))
  const outageFrom = random.next() * (setting.blocks - outageBlocks)
  for (let index = 0; index < setting.blocks; index++) {
    const inIncident =
      errors.weather === 'incident' && index >= incidentFrom && index < incidentFrom + incident.blocks
    const factor = inIncident ? incident.factor : 1
    const toCandidate = binomial(random, requestsPerBlock, setting.weight / 100)
    const candidate = sample(toCandidate, errors.candidate * factor)
    const out = errors.weather === 'outage' ? overlap(index, outageFrom, outageBlocks) : 0
    yield blockAt(index, setting.weight, {
      stable: sample(requestsPerBlock - toCandidate, errors.stable * factor),
      candidate: out === 0 ? candidate : withOutage(random, candidate, out),
    })
  }
}

const blockAt = (index: number, weight: number, errors: Block['metrics'][string]): Block => ({
  fromMs: fromMsOf(index),
  toMs: fromMsOf(index) + blockMs,
  weight,
  metrics: { errors },
})

/** Which part of the block with this number lies in a stretch, both in blocks. */
export const overlap = (index: number, from: number, length: number): number =>
  Math.max(0, Math.min(index + 1, from + length) - Math.max(index, from))

/** In an outage every request fails: the ones that did not fail anyway, as far as they fell into it. */
const withOutage = (random: Random, { requests, bad }: ShareSample, part: number): ShareSample => ({
  kind: 'share',
  requests,
  bad: bad + binomialOnce(random, requests - bad, part),
})
