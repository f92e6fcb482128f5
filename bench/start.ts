/**
 * `npm run bench:start [-- --json]`: what a step costs before it does anything. CPU time of the shipped
 * `dist/canary-step.js` up to its first call to the platform, as a multiple of `node -e 0`, in alternating pairs;
 * the bytes of dist/; and what each dependency adds. Exit 1: a bar is missed. Exit 2: the run is void.
 */
import { cpus } from 'node:os'
import { join } from 'node:path'
import { bareNode } from './start/bare-node.ts'
import { cpuTime } from './start/cpu-time.ts'
import { measureDependencies } from './start/dependencies.ts'
import { distBytes } from './start/dist-bytes.ts'
import { formatSpread, spreadOf } from './start/spread.ts'
import { openStepScene, VoidRun, type StepScene } from './start/step-scene.ts'

const root = join(import.meta.dirname, '..')
const pairs = 41
const bars = { startRatio: 2.5, distBytes: 3_500_000 }

const measurePairs = async (scene: StepScene): Promise<{ bare: number[]; step: number[] }> => {
  const series = { bare: [] as number[], step: [] as number[] }
  for (let pair = 0; pair < pairs; pair++) {
    series.bare.push(await cpuTime(bareNode, '/dev/null'))
    series.step.push(await scene.untilFirstPlatformCall())
  }
  return series
}

const report = async (): Promise<Record<string, unknown>> => {
  const scene = await openStepScene(root)
  const { bare, step } = await measurePairs(scene).finally(() => scene.close())
  const ratio = spreadOf(step.map((cost, pair) => cost / (bare[pair] ?? Number.NaN)))
  const bytes = distBytes(root)
  const dependencies = await measureDependencies(root)
  console.log(`Node ${process.version}, ${cpus().length} cores, ${pairs} alternating pairs, no compile cache`)
  console.log(`node -e 0                    ${formatSpread(spreadOf(bare))} ms of CPU`)
  console.log(`canary-step to platform call ${formatSpread(spreadOf(step))} ms of CPU`)
  console.log(`ratio                        ${formatSpread(ratio)}, bar ${bars.startRatio}`)
  console.log(`dist/ without licences       ${(bytes / 1e6).toFixed(2)} MB, bar ${bars.distBytes / 1e6} MB`)
  console.log('each dependency imported alone, bundled as in dist/, beyond node -e 0:')
  for (const { name, milliseconds, bytes: size } of dependencies)
    console.log(
      `  ${name.padEnd(18)} ${milliseconds.toFixed(0).padStart(4)} ms ${(size / 1000).toFixed(0).padStart(6)} kB`,
    )
  return {
    startRatio: Number(ratio.median.toFixed(3)),
    startRatioMin: Number(ratio.min.toFixed(3)),
    startRatioMax: Number(ratio.max.toFixed(3)),
    distBytes: bytes,
    pairs,
    node: process.version,
    cores: cpus().length,
    dependencies: Object.fromEntries(dependencies.map(({ name, ...rest }) => [name, rest])),
  }
}

try {
  const figures = await report()
  if (process.argv.includes('--json')) console.log(JSON.stringify(figures))
  const missed = Object.entries(bars).filter(([name, bar]) => Number(figures[name]) > bar)
  for (const [name, bar] of missed)
    console.error(`missed: ${name} is ${String(figures[name])}, at most ${bar} is allowed`)
  if (missed.length > 0) process.exitCode = 1
} catch (error) {
  if (!(error instanceof VoidRun)) throw error
  console.error(`void: ${error.message}`)
  process.exitCode = 2
}
