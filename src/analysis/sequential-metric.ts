import { requestsIn } from '../rollout/evidence/histogram.js'
import type { Block, Evidence, MetricJudgement, MetricRule } from '../rollout/ports/judge.js'
import type { Sample } from '../rollout/ports/metric-source.js'
import { neededFor } from './e-value/alpha.js'
import { Course } from './course.js'
import { findingOf, isHarmlessSoFar, lackOf, type Standing } from './finding.js'
import { HoldSoFar } from './hold-so-far.js'
import type { MetricBake } from './metric-bake.js'
import { regressionText } from './figures-in-words.js'
import { isBeyond } from './regression.js'
import type { MetricTest, Setting } from './metric-test.js'

function requestsOf(sample: Sample): number {
  if (sample.kind === 'latency') return requestsIn(sample)
  return sample.kind === 'share' ? sample.requests : sample.kind === 'mean' ? sample.count : 0
}

/** What a metric that is judged by evidence needs to know of the whole. */
export interface Terms extends Setting {
  readonly minSamples: number
  readonly requireProof: boolean
}

/** A metric that is judged by evidence which may be looked at at any time. */
export class SequentialMetric<S extends Sample> implements MetricBake {
  readonly #rule: MetricRule
  readonly #terms: Terms
  readonly #test: MetricTest<S>
  readonly #needed: number
  readonly #hold = new HoldSoFar()
  readonly #course = new Course()
  /** The how-manieth weight this is: each may spend a part of alpha on its interval. */
  #segment = 1

  constructor(rule: MetricRule, terms: Terms, test: MetricTest<S>) {
    this.#rule = rule
    this.#terms = terms
    this.#test = test
    this.#needed = neededFor(rule, terms.alpha)
  }

  add(block: Block): void {
    const sides = block.metrics[this.#rule.name] ?? {}
    const stable = this.#test.isSound(sides.stable) ? sides.stable : undefined
    const candidate = this.#test.isSound(sides.candidate) ? sides.candidate : undefined
    const { fromMs, toMs, weight } = block
    if (this.#hold.turn(weight) && this.#hold.begun) {
      this.#test.newSegment()
      this.#segment += 1
    }
    if (candidate !== undefined) this.#hold.begin()
    if (!this.#hold.begun) {
      if (stable !== undefined) this.#test.learn(stable, fromMs)
      return
    }
    const alone = weight >= 100 && stable === undefined
    this.#test.weigh({ fromMs, toMs, stable, candidate, alone, observedMs: this.#hold.observedMs })
    this.#hold.pass(block, stable && requestsOf(stable), candidate && requestsOf(candidate))
    if (candidate !== undefined) this.#course.add(toMs, this.#logE)
  }

  get mayEndEarly(): boolean {
    const standing = this.#standing(false, false)
    return this.#test.proven && lackOf(standing) === undefined && isHarmlessSoFar(standing)
  }

  judgement(holdOver: boolean, early: boolean): MetricJudgement {
    const { kind, name } = this.#rule
    const standing = this.#standing(holdOver, early)
    const mayEnd = holdOver || early || this.#logE >= this.#needed
    const allowed = mayEnd ? this.#test.stillAllowed() : undefined
    const stillAllowed = allowed && regressionText(this.#rule, allowed)
    const beyondMargin =
      allowed !== undefined && isBeyond(this.#terms.margin, this.#rule, allowed, this.#test.boundMs)
    const { verdict, reason, littleKnown } = findingOf({ ...standing, stillAllowed, beyondMargin })
    // All weights together may spend the metric's alpha: 1/(k(k+1)) of it at the k-th, which sums to 1.
    const difference = this.#test.difference(this.#terms.alpha / (this.#segment * (this.#segment + 1)))
    const none = { requests: 0, value: undefined }
    const notes = this.#notes()
    return {
      name,
      verdict,
      reason: `${name}: ${reason}`,
      stable: this.#test.stable ?? none,
      candidate: this.#test.candidate ?? none,
      unit: kind === 'share' ? 'share' : kind === 'latency' ? 'ms' : 'value',
      evidence: this.#evidence,
      ...(difference && { difference }),
      ...(stillAllowed !== undefined && { stillAllowed }),
      ...(littleKnown === true && { littleKnown }),
      ...(notes.length > 0 && { notes }),
    }
  }

  get #logE(): number {
    return Math.max(this.#test.worse, this.#test.overLimit ?? -Infinity)
  }

  get #evidence(): Evidence {
    return { logE: this.#logE, needed: this.#needed, course: this.#course.points }
  }

  #standing(holdOver: boolean, early: boolean): Standing {
    return {
      rule: this.#rule,
      holdOver,
      early,
      minSamples: this.#terms.minSamples,
      requireProof: this.#terms.requireProof,
      margin: this.#terms.margin,
      needed: this.#needed,
      test: this.#test,
      outageMs: this.#terms.starts.outageMs,
      hold: this.#hold,
      stillAllowed: undefined,
      beyondMargin: false,
    }
  }

  #notes(): readonly string[] {
    const alone = this.#test.stable === undefined && this.#test.hasRecord && (this.#hold.weight ?? 0) >= 100
    const record = alone ? ['no stable side runs at 100 %: held against what was recorded of it'] : []
    return [...record, ...this.#test.notes()]
  }
}
