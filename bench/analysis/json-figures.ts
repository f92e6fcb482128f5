import { cpus } from 'node:os'
import { lookMsOf, type Cost, type Figures } from './figures.ts'
import { levels, regressions, sigmas, weathers, type Level } from './rows.ts'

const levelNames = Object.keys(levels) as readonly Level[]
const names = { calm: 'healthy', bursts: 'bursts', incident: 'incident', outage: 'outage' } as const

/** What is told besides the figures. */
export interface Circumstances {
  readonly cost: Cost
  readonly seed: number
  readonly seconds: number
  /** Which dist/judging.js it was. */
  readonly judging: string
}

/** Shares from 0 to 1, the worse of both levels; seconds, where null is longer than the bake; milliseconds. */
export const jsonOf = (figures: Figures, cost: Cost) => ({
  falseFail: worst(figures, 'share'),
  medianSeconds: Object.fromEntries(
    levelNames.map((level) => [
      level,
      regressions[level].map((more) => finiteOrNull(figures.noticed(level, more).medianSeconds)),
    ]),
  ),
  lookMs: lookMsOf(cost),
})

/** What the line above leaves out: intervals, latencies, and how it was taken. */
export const detailsOf = (figures: Figures, { cost, seed, seconds, judging }: Circumstances) => {
  const runs = (level: Level) => figures.falseFails(level, 'calm').runs
  return {
    falseFailUpper95: worst(figures, 'upper'),
    medianSeconds95: Object.fromEntries(
      levelNames.map((level) => [
        level,
        regressions[level].map((more) => figures.noticed(level, more).between.map(finiteOrNull)),
      ]),
    ),
    latencyP95: {
      falseFail: bySigma((sigma) => figures.latencyFalseFails(sigma, false).share),
      falseFailNoisyPods: bySigma((sigma) => figures.latencyFalseFails(sigma, true).share),
      falseFailUpper95: bySigma((sigma) =>
        Math.max(...[false, true].map((noisy) => figures.latencyFalseFails(sigma, noisy).upper)),
      ),
      medianSeconds: bySigma((sigma) => finiteOrNull(figures.latencyNoticed(sigma, false).medianSeconds)),
    },
    lookMsByMetric: cost.look,
    bakeMB: cost.bakeMB,
    fineBakeMB: cost.fineBakeMB,
    runs: {
      healthy: Math.min(...levelNames.map(runs)),
      worse: figures.noticed('0.1%', regressions['0.1%'][0] ?? 0).runs,
      latencyHealthy: figures.latencyFalseFails(0.5, false).runs,
      latencyWorse: figures.latencyNoticed(0.5, false).runs,
    },
    seed,
    seconds,
    judging,
    node: process.version,
    cores: cpus().length,
  }
}

const worst = (figures: Figures, of: 'share' | 'upper') =>
  Object.fromEntries(
    weathers.map((weather) => [
      names[weather],
      Math.max(...levelNames.map((level) => figures.falseFails(level, weather)[of])),
    ]),
  )

const finiteOrNull = (seconds: number): number | null => (Number.isFinite(seconds) ? seconds : null)

const bySigma = <T>(of: (sigma: (typeof sigmas)[number]) => T) =>
  Object.fromEntries(sigmas.map((sigma) => [String(sigma), of(sigma)]))
