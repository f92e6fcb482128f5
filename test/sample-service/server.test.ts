import { afterEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { WebSocket } from 'ws'
import { startSampleService } from '../load/start-sample-service.js'
import type { SampleService } from '../load/start-sample-service.js'
import { freePort } from '../testbed/free-port.js'
import { startPostgres } from '../testbed/postgres.js'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tuesday-sample-'))
  cleanups.push(() => rm(made, { recursive: true }))
  return made
}

async function service(env: Record<string, string> = {}, journal?: string): Promise<SampleService> {
  const started = await startSampleService({
    version: '1.0',
    env,
    ...(journal === undefined ? {} : { journal }),
  })
  cleanups.push(() => started.stop())
  return started
}

const order = (id: string) => ({ method: 'POST', body: JSON.stringify({ id }) })

/** Asks until the answer has this status. */
async function until(url: string, status: number): Promise<void> {
  const deadline = performance.now() + 10_000
  const asked = async (): Promise<number> => (await fetch(url).catch(() => Response.error())).status
  while ((await asked()) !== status) {
    if (performance.now() > deadline) throw new Error(`${url} did not answer ${status} in 10 s`)
    await sleep(20)
  }
}

describe('an answer', () => {
  it('names service, version and process in its body', async () => {
    const { url, pid } = await service()
    for (const path of ['/', '/healthz', '/readyz', '/orders', '/slow?ms=20', '/nothing']) {
      const response = await fetch(new URL(path, url))
      expect(response.headers.get('x-version')).toBe('1.0')
      expect(await response.json()).toMatchObject({ service: 'sample', version: '1.0', pid })
    }
  })

  it('comes over a websocket too', async () => {
    const { url, pid } = await service()
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`)
    const answer = new Promise((resolve) =>
      socket.on('message', (message) => resolve(JSON.parse(String(message)))),
    )
    socket.on('open', () => socket.send('hello'))
    expect(await answer).toEqual({ service: 'sample', version: '1.0', pid, echo: 'hello' })
    socket.close()
  })
})

describe('an order', () => {
  it('is written down once, before it is answered, and so is one that fails', async () => {
    const journal = join(await folder(), 'orders')
    const { url, pid } = await service({ ERROR_SHARE: '0.5' }, journal)
    const statuses = []
    for (const id of ['a', 'b', 'c']) statuses.push((await fetch(`${url}/orders`, order(id))).status)
    expect(statuses).toEqual([201, 500, 201])
    const lines = statuses.map((status, index) => `${'abc'[index]}\t1.0\t${pid}\t${status}\n`)
    expect(await readFile(journal, 'utf8')).toBe(lines.join(''))
  })

  it('without an id is refused', async () => {
    const { url } = await service()
    expect((await fetch(`${url}/orders`, { method: 'POST', body: '{}' })).status).toBe(400)
  })

  it('goes to PostgreSQL, and fails where a column that the release writes is missing', async () => {
    const database = await startPostgres()
    cleanups.push(() => database.stop())
    const sql = postgres(database.url, { max: 1 })
    cleanups.push(() => sql.end())
    await sql`create table orders (id text primary key, version text not null)`
    const old = await service({ DATABASE_URL: database.url })
    const fresh = await service({ DATABASE_URL: database.url, WRITE_COLUMN: 'channel' })
    expect((await fetch(`${old.url}/orders`, order('a'))).status).toBe(201)
    expect((await fetch(`${fresh.url}/orders`, order('b'))).status).toBe(500)
    await sql`alter table orders add column channel text`
    expect((await fetch(`${fresh.url}/orders`, order('c'))).status).toBe(201)
    expect(await sql`select id, channel from orders order by id`).toEqual([
      { id: 'a', channel: null },
      { id: 'c', channel: '1.0' },
    ])
  })
})

describe('what it has answered', () => {
  const scraped = async (url: string): Promise<readonly string[]> => {
    const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n')
    return lines.filter((line) => line.startsWith('http_requests_total{') || line.includes('le="+Inf"'))
  }

  it('is counted for Prometheus by path and code', async () => {
    const { url } = await service({ ERROR_SHARE: '0.5' })
    for (const path of ['/', '/', '/readyz', '/wp-login.php']) await (await fetch(url + path)).text()
    expect(await scraped(url)).toEqual([
      'http_requests_total{version="1.0",worker="1",path="/",code="200"} 1',
      'http_requests_total{version="1.0",worker="1",path="/",code="500"} 1',
      'http_requests_total{version="1.0",worker="1",path="/readyz",code="200"} 1',
      'http_requests_total{version="1.0",worker="1",path="other",code="404"} 1',
      'http_request_duration_seconds_bucket{version="1.0",worker="1",path="/",code="200",le="+Inf"} 1',
      'http_request_duration_seconds_bucket{version="1.0",worker="1",path="/",code="500",le="+Inf"} 1',
      'http_request_duration_seconds_bucket{version="1.0",worker="1",path="/readyz",code="200",le="+Inf"} 1',
      'http_request_duration_seconds_bucket{version="1.0",worker="1",path="other",code="404",le="+Inf"} 1',
    ])
  })

  it('is asked for at a port of each process, which its successor takes over', async () => {
    const ports = [await freePort(), await freePort()]
    const env = { METRICS_PORTS: `blue=1 green=${ports.join(',')}`, TUESDAY_SLOT: 'green' }
    const [first, second] = [await service(env), await service(env)]
    const counted = async (): Promise<readonly (string | undefined)[]> => {
      for (const port of ports) await until(`http://127.0.0.1:${port}/metrics`, 200)
      const all = await Promise.all(ports.map((port) => scraped(`http://127.0.0.1:${port}`)))
      return all.map(([requests]) => requests?.replace(/.* /, '')).toSorted()
    }
    for (const url of [first.url, second.url, second.url]) await (await fetch(url)).text()
    expect(await counted()).toEqual(['1', '2'])
    await first.stop()
    await service(env)
    expect(await counted()).toEqual(['2', undefined])
  })

  it('is not told while scrapes are refused, and is counted in new series where another worker has taken over', async () => {
    const faults = join(await folder(), 'faults.json')
    const told = (traits: object) => writeFile(faults, JSON.stringify({ '1.0': traits }))
    await told({ METRICS_DOWN: true })
    const { url } = await service({ FAULTS_FILE: faults })
    await (await fetch(url)).text()
    expect((await fetch(`${url}/metrics`)).status).toBe(503)
    await told({})
    await until(`${url}/metrics`, 200)
    expect(await scraped(url)).toHaveLength(2)
    await told({ WORKER: 'second', METRICS_DOWN: true })
    await until(`${url}/metrics`, 503)
    await (await fetch(url)).text()
    await told({ WORKER: 'second' })
    await until(`${url}/metrics`, 200)
    expect((await scraped(url)).filter((line) => line.startsWith('http_requests_total'))).toEqual([
      'http_requests_total{version="1.0",worker="1",path="/",code="200"} 1',
      'http_requests_total{version="1.0",worker="second",path="/",code="200"} 1',
    ])
  })
})

describe('when it is asked to stop', () => {
  it('finishes what is in flight, says goodbye to websockets, and exits with 0', async () => {
    const { url, stop } = await service()
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`)
    const goodbye = new Promise<number>((resolve) => socket.on('close', resolve))
    await new Promise((resolve) => socket.on('open', resolve))
    // Its head has come: it is in flight.
    const slow = await fetch(`${url}/slow?ms=500`)
    const ended = stop()
    expect(await goodbye).toBe(1001)
    expect(await slow.json()).toMatchObject({ version: '1.0' })
    expect(await ended).toBe(0)
    await expect(fetch(url)).rejects.toThrow()
  })

  it('is unready before it stops taking requests, if it is given the time', async () => {
    const { url, stop } = await service({ LAME_DUCK_MS: '600' })
    const ended = stop()
    await until(`${url}/readyz`, 503)
    expect((await fetch(url)).status).toBe(200)
    expect(await ended).toBe(0)
  })

  it('cuts everything off, if that is its fault', async () => {
    const { url, stop } = await service({ EXIT_AT_ONCE_ON_TERM: '1' })
    const slow = await fetch(`${url}/slow?ms=5000`)
    expect(await stop()).toBe(0)
    await expect(slow.text()).rejects.toThrow()
  })
})

describe('a release that is bad', () => {
  it('is so by its version, with the command and environment of the good one', async () => {
    const faults = join(await folder(), 'faults.json')
    await writeFile(faults, JSON.stringify({ '2.0': { ERROR_SHARE: 1 } }))
    const good = await startSampleService({ version: '1.0', env: { FAULTS_FILE: faults } })
    const bad = await startSampleService({ version: '2.0', env: { FAULTS_FILE: faults } })
    cleanups.push(good.stop, bad.stop)
    expect((await fetch(good.url)).status).toBe(200)
    const answer = await fetch(bad.url)
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ version: '2.0', pid: bad.pid })
    // It turns bad while it serves.
    await writeFile(faults, JSON.stringify({ '1.0': { ERROR_SHARE: 1 } }))
    await until(good.url, 500)
    await until(bad.url, 200)
  })

  it('fails exactly its share, or by its seed the same requests each time', async () => {
    const failed = async (env: Record<string, string>) => {
      const { url } = await service({ ERROR_SHARE: '0.05', ...env })
      const numbers = []
      for (let number = 1; number <= 100; number += 1)
        if ((await fetch(url)).status === 500) numbers.push(number)
      return numbers
    }
    expect(await failed({})).toEqual([20, 40, 60, 80, 100])
    const drawn = await failed({ SEED: '7' })
    expect(drawn.length).toBeGreaterThan(0)
    expect(drawn).not.toEqual([20, 40, 60, 80, 100])
    expect(await failed({ SEED: '7' })).toEqual(drawn)
  })

  it('never becomes ready, or late, and fails what comes before', async () => {
    const never = await service({ NEVER_READY: 'true' })
    expect((await fetch(`${never.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${never.url}/readyz`)).status).toBe(503)
    expect((await fetch(never.url)).status).toBe(503)
    const late = await service({ SLOW_START_MS: '1500' })
    expect((await fetch(`${late.url}/readyz`)).status).toBe(503)
    await until(`${late.url}/readyz`, 200)
  })

  it('dies when a file appears', async () => {
    const crash = join(await folder(), 'crash')
    const { url, stop } = await service({ CRASH_ON_FILE: crash })
    const slow = await fetch(`${url}/slow?ms=5000`)
    await writeFile(crash, '')
    await expect(slow.text()).rejects.toThrow()
    expect(await stop()).toBe(70)
  })

  it('dies by itself after a time', async () => {
    const { url, stop } = await service({ CRASH_AFTER_MS: '1000' })
    const slow = await fetch(`${url}/slow?ms=5000`)
    await expect(slow.text()).rejects.toThrow()
    expect(await stop()).toBe(70)
  })

  it('calls itself something else', async () => {
    const { url } = await service({ WRONG_VERSION: '9.9' })
    expect(await (await fetch(url)).json()).toMatchObject({ version: '9.9' })
  })

  it('prints a secret', async () => {
    const { log, stop } = await service({ PRINT_SECRET: 'a-marker' })
    await stop()
    expect(log()).toContain('started with a-marker')
  })

  it('does not start if its fault cannot be read', async () => {
    await expect(startSampleService({ version: '1.0', env: { ERROR_SHARE: '5 %' } })).rejects.toThrow(
      'ERROR_SHARE is "5 %"',
    )
  })
})
