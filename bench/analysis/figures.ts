import { lowerBound, medianBetween, upperBound } from './bounds.ts'
import { medianOf, type LookCost } from './look-cost.ts'
import { fineBuckets, type Buckets } from './latency-traffic.ts'
import { latencyId, levels, regressions, shareId, sigmas, weathers, type Level, type Rule } from './rows.ts'
import type { Weather } from './share-traffic.ts'
import { targets } from './targets.ts'

/** Seconds until each run of a row was failed, by the row's id. */
export type Runs = ReadonlyMap<string, readonly number[]>

/** How often healthy releases were failed: a share, and between what it lies with 95 % confidence at each end. */
export interface FalseFails {
  readonly runs: number
  readonly fails: number
  readonly share: number
  readonly upper: number
  readonly lower: number
}

/** How soon a worse release was failed. */
export interface Noticed {
  readonly runs: number
  /** Infinity where fewer than half were. */
  readonly medianSeconds: number
  /** The median lies between them with 95 % confidence. */
  readonly between: readonly [low: number, high: number]
  /** The share that was failed within the 30 min. */
  readonly found: number
}

export class Figures {
  readonly #runs: Runs

  constructor(runs: Runs) {
    this.#runs = runs
  }

  falseFails(level: Level, weather: Weather, rule: Rule = 'shipped'): FalseFails {
    return falseFailsOf(this.#of(shareId(rule, level, weather)))
  }

  noticed(level: Level, more: number, rule: Rule = 'shipped'): Noticed {
    return noticedOf(this.#of(shareId(rule, level, 'calm', more)))
  }

  latencyFalseFails(sigma: number, noisyPods: boolean): FalseFails {
    return falseFailsOf(this.#of(latencyId(sigma, false, noisyPods, fineBuckets)))
  }

  latencyNoticed(sigma: number, noisyPods: boolean, buckets: Buckets = fineBuckets): Noticed {
    return noticedOf(this.#of(latencyId(sigma, true, noisyPods, buckets)))
  }

  #of(id: string): readonly number[] {
    const runs = this.#runs.get(id)
    if (runs === undefined) throw new Error(`there are no runs of ${id}`)
    return runs
  }
}

const falseFailsOf = (runs: readonly number[]): FalseFails => {
  const fails = runs.filter(Number.isFinite).length
  return {
    runs: runs.length,
    fails,
    share: fails / runs.length,
    upper: upperBound(fails, runs.length),
    lower: lowerBound(fails, runs.length),
  }
}

const noticedOf = (runs: readonly number[]): Noticed => ({
  runs: runs.length,
  medianSeconds: medianOf(runs),
  between: medianBetween(runs),
  found: runs.filter(Number.isFinite).length / runs.length,
})

/** What judging takes of a machine. */
export interface Cost {
  readonly look: LookCost
  /** With the buckets of the local router. */
  readonly bakeMB: number
  /** With the finest buckets of the benchmark. */
  readonly fineBakeMB: number
}

/** The costlier of the metrics. */
export const lookMsOf = ({ look }: Cost): number => Math.max(look.errors, look.latency)

const costMissed = (cost: Cost): readonly string[] => [
  ...(lookMsOf(cost) < targets.lookMs
    ? []
    : [`a look costs ${lookMsOf(cost)} ms; less than ${targets.lookMs} ms is allowed`]),
  ...(cost.bakeMB < targets.bakeMB
    ? []
    : [`a bake keeps ${cost.bakeMB} MB; less than ${targets.bakeMB} MB are allowed`]),
]

/** Every figure that has a target and misses it, in words. */
export const missedTargets = (figures: Figures, cost: Cost): readonly string[] => [
  ...levelNames.flatMap((level) =>
    weathers.flatMap((weather) =>
      falseFailsMissed(`errors at ${level}, ${weather}`, figures.falseFails(level, weather)),
    ),
  ),
  ...sigmas.flatMap((sigma) =>
    [false, true].flatMap((noisy) =>
      falseFailsMissed(`p95, sigma ${sigma}`, figures.latencyFalseFails(sigma, noisy)),
    ),
  ),
  ...levelNames.flatMap((level) =>
    regressions[level].flatMap((more, i) =>
      slowMissed(
        `+${100 * more} points at ${level}`,
        figures.noticed(level, more),
        targets.medianSeconds[level][i],
      ),
    ),
  ),
  ...sigmas.flatMap((sigma) =>
    slowMissed(
      `p95 +20 %, sigma ${sigma}`,
      figures.latencyNoticed(sigma, false),
      targets.p95Seconds[`${sigma}`],
    ),
  ),
  ...costMissed(cost),
]

const levelNames = Object.keys(levels) as readonly Level[]

/** Too few runs can prove no share so small: of them a target is missed only where that is certain. */
const falseFailsMissed = (what: string, { runs, upper, lower }: FalseFails): readonly string[] => {
  const proves = upperBound(0, runs) <= targets.falseFail
  const bound = proves ? upper : lower
  if (bound <= targets.falseFail) return []
  return [
    `false fails, ${what}: ${proves ? 'up to' : 'at least'} ${100 * bound} %; at most ${100 * targets.falseFail} % is allowed`,
  ]
}

const slowMissed = (what: string, { medianSeconds }: Noticed, target = NaN): readonly string[] =>
  medianSeconds <= target ? [] : [`${what}: noticed after ${medianSeconds} s; at most ${target} s is allowed`]
