import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { controlRates, defaultLoad } from './load-config.ts'
import type { LoadConfig, Rates } from './load-config.ts'
import type { LoadEvent, Second } from './live-statistics.ts'
import { readJournals } from './order-journal.ts'
import { readRecord } from './record.ts'
import type { Evidence } from './verdict.ts'

export type LoadOptions = {
  /** The public address of the service under rollout. */
  target: string
  /** The address of a sample service without a rollout, under a fifth of the load unless `rates` says otherwise. */
  control?: string | { url: string; service?: string; rates?: Partial<Rates> }
  /** Requests per second; what is left out is as in `defaultRates`. */
  rates?: Partial<Rates>
  service?: string
  cookieClients?: number
  slow?: { clients: number; ms: number }
  /** Websocket clients; 0 where the router does not claim websockets. */
  websockets?: number
  limitMs?: number
  /** The files that target and control write their orders down in (JOURNAL). */
  journals: readonly string[]
  /** Where every request is written down; its folder is made. The run's settings are kept beside it. */
  recordFile: string
}

/** A load that runs in a process of its own until it is stopped; it also stops when this process ends. */
export type Load = {
  /** The process that sends it. */
  pid: number
  /** When it began, in milliseconds since 1970. */
  startedAt: number
  /** What it has counted, once a second. Returns how to stop listening. */
  onSecond(listener: (second: Second) => void): () => void
  /** The last second that was counted. */
  latest(): Second | undefined
  /** What is counted until now. */
  status(): Promise<Second>
  /** Puts a name to a moment (milliseconds since 1970; now if left out) in the record, and returns the moment. */
  mark(name: string, at?: number): number
  /**
   * Sends so many requests without cookies on top, 800 a second unless told otherwise, and returns the stretch of time in
   * which they were sent.
   */
  burst(requests: number, perSecond?: number): Promise<{ from: number; to: number }>
  /** Sends nothing more, waits until what is in flight is answered or lost, and reads the record and the journals. */
  stop(): Promise<Evidence>
}

/**
 * Starts the load and returns when it is being sent.
 *
 * @throws an Error with what the generator said if it does not start, or ends by itself.
 */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const config = configOf(options)
  mkdirSync(dirname(config.record), { recursive: true })
  const configFile = `${config.record}.config.json`
  writeFileSync(configFile, JSON.stringify(config, null, 2))
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, '--config', configFile],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  )
  let said = ''
  child.stderr.on('data', (piece: Buffer) => (said = (said + String(piece)).slice(-4_000)))
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)

  const listeners = new Set<(second: Second) => void>()
  const asked: ((second: Second) => void)[] = []
  const bursts: ((sentAt: number) => void)[] = []
  let last: Second | undefined
  const started = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as LoadEvent
      if (event.event === 'started') resolve(event.at)
      else if (event.event === 'status') asked.shift()?.(event)
      else if (event.event === 'burst-sent') bursts.shift()?.(event.at)
      else if (event.event === 'second') {
        last = event
        for (const listener of listeners) listener(event)
      }
    })
  })
  const brokenOff = ended.then((code): never => {
    throw new Error(`the load generator ended with ${code}: ${said}`)
  })
  // It is waited for where it matters; it must not count as unhandled in between.
  brokenOff.catch(() => undefined)
  const tell = (line: string) => child.stdin.write(`${line}\n`)
  tell('start')
  const startedAt = await Promise.race([started, brokenOff])

  return {
    pid: child.pid ?? 0,
    startedAt,
    onSecond: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    latest: () => last,
    status: () => {
      const answer = new Promise<Second>((resolve) => asked.push(resolve))
      tell('status')
      return Promise.race([answer, brokenOff])
    },
    mark: (name, at = Date.now()) => {
      tell(`mark ${at} ${name}`)
      return at
    },
    burst: async (requests, perSecond = 800) => {
      const from = Date.now()
      const sent = new Promise<number>((resolve) => bursts.push(resolve))
      tell(`burst ${requests} ${perSecond}`)
      return { from, to: await Promise.race([sent, brokenOff]) }
    },
    stop: async () => {
      tell('stop')
      const code = await ended
      if (code !== 0) throw new Error(`the load generator ended with ${code}: ${said}`)
      return { record: readRecord(config.record), journal: readJournals(options.journals) }
    },
  }
}

function configOf(options: LoadOptions): LoadConfig {
  const control = typeof options.control === 'string' ? { url: options.control } : options.control
  return {
    service: options.service ?? defaultLoad.service,
    target: options.target,
    rates: { ...defaultLoad.rates, ...options.rates },
    cookieClients: options.cookieClients ?? defaultLoad.cookieClients,
    slow: options.slow ?? defaultLoad.slow,
    websockets: options.websockets ?? defaultLoad.websockets,
    control: control
      ? {
          url: control.url,
          service: control.service ?? defaultLoad.service,
          rates: { ...controlRates, ...control.rates },
        }
      : null,
    limitMs: options.limitMs ?? defaultLoad.limitMs,
    record: options.recordFile,
  }
}
