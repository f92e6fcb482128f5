/**
 * `npm run bench:router [-- --json]`: requests per second through the shipped local router (dist/local-supervisor.js,
 * a process of its own) as a share of those through bench/pass-through-proxy.ts: same service process, same load,
 * alternating pairs. Exit 1: the bar is missed. Exit 2: the run is void and says why.
 */
import { cpus } from 'node:os'
import { join } from 'node:path'
import { Loader, startPassThrough } from './router/loader.ts'
import { openShippedRouter } from './router/shipped-router.ts'
import { formatSpread, spreadOf } from './start/spread.ts'

const root = join(import.meta.dirname, '..')
const bar = 0.6
const pairs = 7
const connections = 32
const warmUpMs = 3_000
const sliceMs = 3_000
/** A load generator that did not get to run for so long says that the machine was busy with something else. */
const gapLimitMs = 100
/** A void run is repeated this often. */
const repeats = 2
/** The service alone must do more than the proxy in front of it, or it is the service that is measured. */
const headroom = 1.2

class VoidRun extends Error {}

type Rate = (port: number, milliseconds: number) => Promise<number>

function rateBy(loader: Loader): Rate {
  return async (port, milliseconds) => {
    const count = await loader.run({ port, connections, milliseconds })
    if (count.failures > 0)
      throw new VoidRun(`${count.failures} of ${count.answers} requests failed at port ${port}`)
    if (count.gapMs >= gapLimitMs)
      throw new VoidRun(`the load had a gap of ${count.gapMs.toFixed(0)} ms: the machine is busy`)
    return count.perSecond
  }
}

interface Ports {
  readonly shipped: number
  readonly passThrough: number
  readonly service: number
}

async function measure(
  rate: Rate,
  ports: Ports,
): Promise<{ direct: number; shipped: number[]; passThrough: number[] }> {
  for (const port of Object.values(ports)) await rate(port, warmUpMs)
  const direct = await rate(ports.service, sliceMs)
  const series = { shipped: [] as number[], passThrough: [] as number[] }
  for (let pair = 0; pair < pairs; pair++) {
    // Who goes first changes, so that neither always has the warmer machine.
    const order = ['shipped', 'passThrough'] as const
    for (const side of pair % 2 === 0 ? order : order.toReversed())
      series[side].push(await rate(ports[side], sliceMs))
  }
  const fastest = spreadOf(series.passThrough).median
  if (direct < headroom * fastest) {
    throw new VoidRun(
      `the service alone does ${direct.toFixed(0)}/s and behind a proxy ${fastest.toFixed(0)}/s: it is the bottleneck`,
    )
  }
  return { direct, ...series }
}

async function report(): Promise<Record<string, unknown> & { ratio: number }> {
  const router = await openShippedRouter(root)
  const proxy = await startPassThrough(router.servicePort)
  const loader = new Loader()
  const ports = { shipped: router.port, passThrough: proxy.port, service: router.servicePort }
  const { direct, shipped, passThrough } = await measure(rateBy(loader), ports).finally(async () => {
    loader.close()
    proxy.close()
    await router.close()
  })
  const ratio = spreadOf(shipped.map((rate, pair) => rate / (passThrough[pair] ?? Number.NaN)))
  const rates = { shipped: spreadOf(shipped), passThrough: spreadOf(passThrough) }
  console.log(
    `Node ${process.version}, ${cpus().length} cores, ${connections} connections, GET and POST in turn, ${pairs} alternating pairs of ${sliceMs / 1_000} s`,
  )
  console.log(`service alone        ${direct.toFixed(0)} requests/s`)
  console.log(`pass-through proxy   ${formatSpread(rates.passThrough)} requests/s`)
  console.log(`local router         ${formatSpread(rates.shipped)} requests/s`)
  console.log(`ratio                ${formatSpread(ratio)}, bar ${bar}`)
  return {
    void: null,
    ratio: Number(ratio.median.toFixed(3)),
    ratioMin: Number(ratio.min.toFixed(3)),
    ratioMax: Number(ratio.max.toFixed(3)),
    shippedPerSecond: Math.round(rates.shipped.median),
    passThroughPerSecond: Math.round(rates.passThrough.median),
    servicePerSecond: Math.round(direct),
    pairs,
    connections,
    node: process.version,
    cores: cpus().length,
  }
}

/** The figures of the first run that is not void. */
async function reportUnlessVoid(): Promise<Awaited<ReturnType<typeof report>> | VoidRun> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await report()
    } catch (error) {
      if (!(error instanceof VoidRun)) throw error
      console.error(`void: ${error.message}`)
      if (attempt === repeats) return error
    }
  }
}

const figures = await reportUnlessVoid()
const json = process.argv.includes('--json')
if (figures instanceof VoidRun) {
  if (json) console.log(JSON.stringify({ ratio: null, void: figures.message }))
  process.exitCode = 2
} else {
  if (json) console.log(JSON.stringify(figures))
  if (figures.ratio < bar) {
    console.error(`missed: the ratio is ${figures.ratio}, at least ${bar} is required`)
    process.exitCode = 1
  }
}
