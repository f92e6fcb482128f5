/**
 * A small HTTP service to deploy: `node test/sample-service/server.ts`.
 *
 * - VERSION or TUESDAY_VERSION: its label (the first that is set). SERVICE: its name (`sample`).
 * - PORT (0: any, printed), HOST (127.0.0.1).
 * - JOURNAL: the file that every order is written down in. DATABASE_URL: the PostgreSQL that they go to as well.
 * - METRICS_PORTS: `/metrics` is answered on a port of each process's own too: `blue=9101,9102 green=9103,9104`, by TUESDAY_SLOT.
 * - LAME_DUCK_MS: after SIGTERM it is unready but takes requests for so long, then stops taking them.
 * - FAULTS_FILE and the faults of `release-traits.ts`.
 *
 * On SIGTERM it becomes unready, takes no more connections, ends what is in flight, closes websockets with 1001, and exits.
 */
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { answers } from './answers.ts'
import { echoSockets } from './echo-sockets.ts'
import { journal } from './journal.ts'
import { listenForScrapes, Metrics } from './metrics.ts'
import { liveTraits } from './release-traits.ts'

const env = process.env
const version = env['VERSION'] || env['TUESDAY_VERSION'] || 'unnamed'
const service = env['SERVICE'] || 'sample'
const traits = liveTraits(version, env)
const startedAt = performance.now()
let draining = false

const databaseUrl = env['DATABASE_URL']
// Loaded only where it is used: it is a third of the time to start.
const table = databaseUrl ? (await import('./orders-table.ts')).ordersTable(databaseUrl) : undefined

const answer = answers({
  service,
  version,
  traits,
  ready: () => !traits().neverReady && performance.now() - startedAt >= traits().slowStartMs,
  draining: () => draining,
  writeDown: journal(env['JOURNAL']),
  table,
})
const metrics = new Metrics(version, traits)
const server = createServer((request, response) => {
  if (request.url === '/metrics') return metrics.expose(response)
  metrics.watch(request, response)
  answer(request, response).catch((error: unknown) => {
    console.error(`cut off: ${error instanceof Error ? error.message : String(error)}`)
    response.destroy()
  })
})
// Longer than any proxy keeps an idle connection, so that it is the proxy that closes it and not we under its request.
server.keepAliveTimeout = 75_000
const sockets = echoSockets(server, () => ({
  service,
  version: traits().wrongVersion ?? version,
  pid: process.pid,
}))

const metricsPorts = env['METRICS_PORTS']
if (metricsPorts) void listenForScrapes(metrics, metricsPorts, env['TUESDAY_SLOT'] || '')

server.listen(Number(env['PORT'] || 0), env['HOST'] || '127.0.0.1', () => {
  const { address, port } = server.address() as AddressInfo
  console.log(`${service} ${version} listens on http://${address}:${port} as process ${process.pid}`)
  const { printSecret } = traits()
  if (printSecret !== undefined) console.log(`started with ${printSecret}`)
})

process.on('SIGTERM', () => void drain())
process.on('SIGINT', () => void drain())
crashWhenAsked()

async function drain(): Promise<void> {
  if (draining) return
  if (traits().exitAtOnceOnTerm) process.exit(0)
  draining = true
  await sleep(Number(env['LAME_DUCK_MS'] || 0))
  const closed = new Promise((resolve) => server.close(resolve))
  sockets.closeAll()
  // A connection falls idle when its last answer is out; close() looked for idle ones only once.
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  await closed
  clearInterval(sweep)
  await table?.close()
  process.exit(0)
}

/** In the middle of everything: nothing is finished, nothing is closed. */
function crashWhenAsked(): void {
  const timer = setInterval(() => {
    const { crashAfterMs, crashOnFile } = traits()
    const due = crashAfterMs !== undefined && performance.now() - startedAt >= crashAfterMs
    if (!due && !(crashOnFile !== undefined && existsSync(crashOnFile))) return
    console.error(`${service} ${version} crashes`)
    process.exit(70)
  }, 25)
  timer.unref()
}
