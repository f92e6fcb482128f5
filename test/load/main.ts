/**
 * The load generator: `node test/load/main.ts --config file.json` (a `LoadConfig`).
 *
 * On standard input, a line each: `start`, `status`, `mark <milliseconds since 1970> <name>`,
 * `burst <requests> <per second>`, `stop`. It stops too when its input ends, so it never outlives who started it. On standard output, a line of JSON each: `LoadEvent`.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { beOnTime } from './be-on-time.ts'
import { burst } from './burst.ts'
import { scheduleHttpClients } from './http-clients.ts'
import type { LoadEvent } from './live-statistics.ts'
import type { LoadConfig } from './load-config.ts'
import { Run } from './run.ts'
import { Schedule } from './schedule.ts'
import { scheduleWebsocketClients } from './websocket-clients.ts'

const { values } = parseArgs({ options: { config: { type: 'string' } } })
if (values.config === undefined) throw new Error('wanted: --config file.json')
const config = JSON.parse(readFileSync(values.config, 'utf8')) as LoadConfig

beOnTime()

let running: ReturnType<typeof start> | undefined
// One after the other: a stop that comes while another is under way waits for it.
let stopping: Promise<void> | undefined

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [command, first = '', ...rest] = line.split(' ')
    if (command === 'start') running ??= start()
    else if (command === 'stop') void stop()
    else if (command === 'mark') running?.run.mark(rest.join(' '), Number(first))
    else if (command === 'burst') running?.burst(Number(first), Number(rest[0]))
    else if (command === 'status' && running) say(running.run.statistics.take('status', running.run.inFlight))
  })
  .on('close', () => void stop())
// Who started it may be gone before it is.
process.stdout.on('error', () => undefined)
process.on('SIGTERM', () => void stop())
process.on('SIGINT', () => void stop())

function start() {
  const run = new Run(config)
  const schedule = new Schedule(run.now, run.enforce)
  const { target, service, rates, control, websockets } = config
  const side = { name: 'target', url: new URL(target), service, rates } as const
  const closings = [
    scheduleHttpClients(run, schedule, side, true),
    scheduleWebsocketClients(run, schedule, websockets),
  ]
  if (control !== null) {
    const side = {
      name: 'control',
      url: new URL(control.url),
      service: control.service,
      rates: control.rates,
    } as const
    closings.push(scheduleHttpClients(run, schedule, side, false))
  }
  const seconds = setInterval(() => say(run.statistics.take('second', run.inFlight)), 1_000)
  schedule.start()
  say({ event: 'started', at: run.startedAt })
  return {
    run,
    burst: (requests: number, perSecond: number) =>
      burst(run, schedule, side, { requests, perSecond }, () => say({ event: 'burst-sent', at: Date.now() })),
    stop: async () => {
      schedule.stop()
      // Ends at the latest when the slowest is out of time.
      while (run.inFlight > 0) {
        run.enforce()
        await sleep(5)
      }
      clearInterval(seconds)
      for (const close of closings) close()
      say(run.statistics.take('second', 0))
      await run.end()
    },
  }
}

function stop(): Promise<void> {
  stopping ??= (async () => {
    await running?.stop()
    say({ event: 'stopped', at: Date.now() })
    process.exit(0)
  })()
  return stopping
}

function say(event: LoadEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}
