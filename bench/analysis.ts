/**
 * `npm run bench:analysis [-- --quick | --runs N] [--seed N] [--json] [--record]`: simulates releases and judges them by the shipped judge
 * (dist/judging.js) and by the rules of others: how often a healthy one is failed, and how soon a worse one is. The same seed gives the same
 * figures, times of looks apart. `--record` keeps them in docs/analysis-benchmark.md. Exit 1: a target is missed.
 */
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { bakeSize } from './analysis/bake-size.ts'
import { Figures, missedTargets } from './analysis/figures.ts'
import { detailsOf, jsonOf } from './analysis/json-figures.ts'
import { fineBuckets, localBuckets } from './analysis/latency-traffic.ts'
import { lookCost } from './analysis/look-cost.ts'
import { fullRuns, planChunks, quickRuns } from './analysis/plan-chunks.ts'
import { record } from './analysis/record.ts'
import { rows } from './analysis/rows.ts'
import { loadShipped, shippedHash } from './analysis/shipped.ts'
import { tablesOf } from './analysis/tables.ts'
import { simulateAll } from './analysis/workforce.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    runs: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
  },
})
const wholeNumber = (option: string, given: string): number => {
  if (/^\d{1,9}$/.test(given)) return Number(given)
  throw new Error(`given --${option} ${given}; allowed: a whole number`)
}
const seed = wholeNumber('seed', values.seed)
const usual = values.quick ? quickRuns : fullRuns
const healthyRuns = values.runs === '' ? usual : wholeNumber('runs', values.runs)

/** A line for each tenth, since the full benchmark takes its time. */
const progress = (all: number): (() => void) => {
  let done = 0
  return () => {
    const [before, now] = [done, ++done].map((count) => Math.floor((10 * count) / all))
    if (now !== before)
      console.error(`${10 * (now ?? 0)} % after ${((performance.now() - begin) / 1_000).toFixed(0)} s`)
  }
}

const begin = performance.now()
const shipped = await loadShipped()
const judging = shippedHash()
const look = lookCost(shipped, seed)
const bakeMB = bakeSize(shipped, seed, localBuckets)
const fineBakeMB = bakeSize(shipped, seed, fineBuckets)
const cost = { look, bakeMB, fineBakeMB }
const chunks = planChunks(healthyRuns, seed)
const runs = await simulateAll(chunks, availableParallelism(), progress(chunks.length))
const figures = new Figures(runs)
const seconds = Math.round((performance.now() - begin) / 1_000)
const bakes = [...runs.values()].reduce((sum, { length }) => sum + length, 0).toLocaleString('en-US')
const command = `\`npm run bench:analysis -- ${process.argv.slice(2).join(' ')}\``
const text = `Node ${process.version}, ${cpus().length} cores, seed ${seed}, dist/judging.js ${judging}: ${bakes} bakes in ${rows.length} rows, ${seconds} s. By ${command}.\n\n${tablesOf(figures, cost)}`
console.log(text)
if (values.record) record(text)
const missed = missedTargets(figures, cost)
for (const line of missed) console.error(`missed: ${line}`)
if (values.json) {
  console.log(JSON.stringify(detailsOf(figures, { cost, seed, seconds, judging })))
  console.log(JSON.stringify(jsonOf(figures, cost)))
}
if (missed.length > 0) process.exitCode = 1
