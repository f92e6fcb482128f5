import { afterEach, describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bounces } from './bounces.js'
import { defaultLoad } from './load-config.js'
import { openRouter } from './open-router.js'
import { readRecord } from './record.js'
import { share } from './share.js'
import { startLoad } from './start.js'
import type { Load, LoadOptions } from './start.js'
import { startSampleService } from './start-sample-service.js'
import type { SampleService } from './start-sample-service.js'
import { verdict } from './verdict.js'

const rates = { keepAlive: 80, newConnection: 60, cookies: 60 }
const slow = { clients: 2, ms: 400 }

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tuesday-load-'))
  cleanups.push(() => rm(made, { recursive: true }))
  return made
}

async function service(
  journal: string,
  version: string,
  env: Record<string, string> = {},
): Promise<SampleService> {
  const started = await startSampleService({ version, journal, env })
  cleanups.push(() => started.stop())
  return started
}

async function load(
  options: Pick<LoadOptions, 'target' | 'control' | 'websockets' | 'limitMs'>,
  dir: string,
) {
  const journals = [join(dir, 'orders')]
  const recordFile = join(dir, 'record.ndjson')
  const started = await startLoad({ rates, slow, journals, recordFile, ...options })
  // A test that fails in the middle leaves it running.
  cleanups.push(() => started.stop().catch(() => undefined))
  return started
}

/** Waits until so many requests were sent since the start. */
async function sent(running: Load, requests: number): Promise<void> {
  const deadline = performance.now() + 15_000
  while ((await running.status()).total.sent < requests) {
    if (performance.now() > deadline) throw new Error(`${requests} requests were not sent in 15 s`)
    await sleep(50)
  }
}

describe('the load', () => {
  it('loses nothing where nothing is wrong, by clients of all kinds', async () => {
    const dir = await folder()
    const target = await service(join(dir, 'orders'), '1.0')
    const control = await service(join(dir, 'orders'), 'control')
    const running = await load({ target: target.url, control: control.url, websockets: 3 }, dir)
    await sent(running, 500)
    const evidence = await running.stop()

    const result = verdict(evidence)
    expect(result).toMatchObject({ answered: result.sent, forgiven: 0, lost: 0, control: { lost: 0 } })
    expect(result.sent).toBeGreaterThanOrEqual(500)
    expect(result.control.sent).toBeGreaterThan(100)
    expect(Object.keys(result.byVersion)).toEqual(['1.0'])
    expect(result.byVersion['1.0']?.pids).toEqual([target.pid])
    expect(result.websockets.messages).toBeGreaterThan(0)

    const { rows } = evidence.record
    const kinds = Map.groupBy(rows, (row) => row.kind)
    expect([...kinds.keys()].sort()).toEqual(['cookie', 'keep-alive', 'new-connection', 'slow', 'websocket'])
    expect(new Set(kinds.get('cookie')?.map((row) => row.client)).size).toBe(24)
    const connections = (kind: 'keep-alive' | 'new-connection') =>
      new Set(kinds.get(kind)?.map((row) => `${row.side} ${row.client}`)).size
    expect(connections('new-connection')).toBe(kinds.get('new-connection')?.length)
    expect(connections('keep-alive')).toBeLessThan((kinds.get('keep-alive')?.length ?? 0) / 2)
    const asked = rows.filter((row) => row.kind !== 'websocket')
    const posts = asked.filter((row) => row.method === 'POST')
    expect(Math.abs(posts.length / asked.length - 0.5)).toBeLessThan(0.05)
    expect(new Set(posts.map((row) => row.id)).size).toBe(posts.length)
  })

  it('counts what a release loses that dies, and goes on sending', async () => {
    const dir = await folder()
    const target = await service(join(dir, 'orders'), '1.0')
    const control = await service(join(dir, 'orders'), 'control')
    const running = await load({ target: target.url, control: control.url, websockets: 2 }, dir)
    await sent(running, 300)
    const died = running.mark('died')
    await target.kill()
    const before = (await running.status()).total.sent
    await sent(running, before + 100)
    const evidence = await running.stop()

    const result = verdict(evidence, [{ version: '1.0' }])
    expect(result.forgiven).toBe(0)
    expect(result.unanswered.length).toBeGreaterThanOrEqual(100)
    expect(result.answered + result.unanswered.length).toBe(result.sent)
    expect(result.unanswered.some((row) => row.error === 'ECONNREFUSED')).toBe(true)
    expect(result.websockets).toMatchObject({ broken: 2, goneAway: 0 })
    expect(result.lost).toBe(result.unanswered.length + 2)
    expect(result.byVersion['1.0']?.lastSent).toBeLessThanOrEqual(died + 1_000)
    expect(result.control.lost).toBe(0)
  })

  it('forgives the errors that a bad release wrote, and nobody else’s', async () => {
    const dir = await folder()
    const target = await service(join(dir, 'orders'), '2.0-bad', { ERROR_SHARE: '0.05' })
    const running = await load({ target: target.url }, dir)
    await sent(running, 400)
    const evidence = await running.stop()

    const forgiving = verdict(evidence, [{ version: '2.0-bad', pids: [target.pid] }])
    // The service fails each 20th request exactly, slow ones as well.
    expect(forgiving.forgiven).toBe(Math.floor(forgiving.sent / 20))
    expect(forgiving).toMatchObject({ lost: 0, doubled: [], missing: [] })
    expect(forgiving.byVersion['2.0-bad']?.errors).toBe(forgiving.forgiven)
    expect(verdict(evidence)).toMatchObject({ forgiven: 0, lost: forgiving.forgiven })
  })

  it('finds every order that a proxy tried twice or swallowed', async () => {
    const dir = await folder()
    const target = await service(join(dir, 'orders'), '1.0')
    const twice: string[] = []
    let orders = 0
    const router = await openRouter((_request, body) => {
      if (body === '') return { to: [target.url] }
      orders += 1
      if (orders % 10 !== 0) return { to: [target.url] }
      twice.push((JSON.parse(body) as { id: string }).id)
      return { to: [target.url, target.url] }
    })
    cleanups.push(() => router.close())
    const running = await load({ target: router.url }, dir)
    await sent(running, 300)
    const evidence = await running.stop()

    const result = verdict(evidence)
    expect(twice.length).toBeGreaterThan(10)
    expect(result.doubled.toSorted()).toEqual(twice.toSorted())
    expect(result).toMatchObject({ answered: result.sent, missing: [], lost: twice.length })

    const swallowed = evidence.journal.filter(({ id }) => id !== twice[0])
    expect(verdict({ ...evidence, journal: swallowed }).missing).toEqual([twice[0]])
  })

  it('sends a burst on top when a share has to be seen', async () => {
    const dir = await folder()
    const target = await service(join(dir, 'orders'), '1.0')
    const running = await load({ target: target.url }, dir)
    await sent(running, 50)
    const moments = await running.burst(1_000, 400)
    await sent(running, (await running.status()).total.sent + 50)
    const evidence = await running.stop()
    const { requests } = share(evidence.record, '1.0', { from: moments.from, to: moments.to + 1 })
    expect(requests).toBeGreaterThanOrEqual(1_000)
    expect(verdict(evidence).lost).toBe(0)
  })

  it('is void when its generator was held up', async () => {
    const dir = await folder()
    const target = await service(join(dir, 'orders'), '1.0')
    const running = await load({ target: target.url }, dir)
    await sent(running, 100)
    process.kill(running.pid, 'SIGSTOP')
    await sleep(300)
    process.kill(running.pid, 'SIGCONT')
    await sent(running, 200)
    const result = verdict(await running.stop())
    expect(result.worstDelayMs).toBeGreaterThan(200)
    expect(result.void.join()).toContain('the generator sent')
  })

  it('says so when its generator is killed, and its record is then void', async () => {
    const dir = await folder()
    const target = await service(join(dir, 'orders'), '1.0')
    const running = await load({ target: target.url }, dir)
    await sent(running, 200)
    process.kill(running.pid, 'SIGKILL')
    await expect(running.stop()).rejects.toThrow('the load generator ended with')
    const record = readRecord(join(dir, 'record.ndjson'))
    expect(record.complete).toBe(false)
    expect(verdict({ record, journal: [] }).void.join()).toContain('the record has no end')
  })
})

describe('clients with cookies', () => {
  /** Two releases behind a router that sends a quarter to the new one. */
  async function twoReleases(keepsItsCookies: boolean) {
    const dir = await folder()
    const [old, fresh] = await Promise.all([
      service(join(dir, 'orders'), 'old'),
      service(join(dir, 'orders'), 'new'),
    ])
    let drawn = 0
    let returning = 0
    const router = await openRouter((request) => {
      const known = /bucket=(\d)/.exec(request.headers.cookie ?? '')?.[1]
      drawn = (drawn + 1) % 4
      if (known !== undefined) returning++
      const bucket = keepsItsCookies && known !== undefined ? Number(known) : drawn
      return { to: [bucket === 0 ? fresh.url : old.url], setCookie: `bucket=${bucket}; Path=/` }
    })
    cleanups.push(() => router.close())
    const running = await load({ target: router.url }, dir)
    const from = running.mark('at 25 %')
    await sent(running, 600)
    // A machine that was held up sends much at once, before the first answers have given anybody a cookie.
    const deadline = performance.now() + 10_000
    while (returning < 200 && performance.now() < deadline) await sleep(20)
    const evidence = await running.stop()
    return { evidence, from }
  }

  it('stay with their version behind a router that keeps to its cookies', async () => {
    const { evidence, from } = await twoReleases(true)
    const sticky = bounces(evidence.record, { candidate: 'new' })
    expect(sticky).toMatchObject({ clients: 24, bounces: [] })
    expect(sticky.answers).toBeGreaterThan(100)
    const seen = share(evidence.record, 'new', { from })
    expect(seen.requests).toBeGreaterThan(300)
    expect(seen.ofVersion).toBeGreaterThan(0)
    expect(verdict(evidence).lost).toBe(0)
  })

  it('are seen to bounce behind one that draws again each time', async () => {
    const { evidence } = await twoReleases(false)
    const { bounces: found } = bounces(evidence.record, { candidate: 'new' })
    expect(new Set(found.map(({ client }) => client)).size).toBeGreaterThan(3)
    expect(new Set(found.map(({ why }) => why))).toContain('left the candidate')
  })
})

it('ends in order, with a complete record, when whoever started it is gone', async () => {
  const dir = await folder()
  const target = await service(join(dir, 'orders'), '1.0')
  const record = join(dir, 'record.ndjson')
  const configFile = join(dir, 'config.json')
  await writeFile(configFile, JSON.stringify({ ...defaultLoad, target: target.url, slow, record }))
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '--config', configFile], { stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.write('start\n')
  // It says that it has started.
  await once(child.stdout, 'data')
  child.stdin.end()
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(readRecord(record).complete).toBe(true)
})
