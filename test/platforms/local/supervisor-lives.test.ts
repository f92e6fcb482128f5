import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { processStart } from '../../../src/platforms/local/supervisor/process-identity.js'
import type { Weight } from '../../../src/rollout/weight.js'
import { builtSupervisor } from './built-supervisor.js'
import { ask, eventually, LocalScene } from './local-scene.js'

let built: Awaited<ReturnType<typeof builtSupervisor>>
let scene: LocalScene
beforeAll(async () => {
  built = await builtSupervisor()
})
afterAll(() => built.remove())
beforeEach(() => {
  scene = new LocalScene(built.entry)
})
afterEach(() => scene.clear())

/** The id of the supervisor that serves the scene now. */
async function supervisorOf(step: ReturnType<LocalScene['step']>): Promise<number> {
  const { pid } = await step.client.request('hello', {
    protocol: 1,
    network: { host: '127.0.0.1', port: 0, slotPorts: {} },
  })
  return pid
}

async function bringUp(step: ReturnType<LocalScene['step']>, place: 'blue' | 'green', version: string) {
  const { attempt } = await step.platform.place(place, { version })
  await eventually(
    () => step.platform.progress(place, attempt),
    ({ state }) => state === 'ready',
  )
}

async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await eventually(
    async () => processStart(pid),
    (start) => start === undefined,
  )
}

describe('trap 45: the runner kills what a job left behind', () => {
  it('starts the supervisor in a session of its own, without the mark by which it would be found', async () => {
    const environment = { ...process.env, RUNNER_TRACKING_ID: 'github_1', INPUT_TOKEN: 'marker-secret' }
    const step = scene.step({}, environment)
    const pid = await supervisorOf(step)
    if (process.platform !== 'linux') return
    const environ = readFileSync(`/proc/${pid}/environ`, 'utf8')
    expect(environ).toContain('PATH=')
    expect(environ).not.toContain('RUNNER_TRACKING_ID')
    expect(environ).not.toContain('marker-secret')
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    expect([group, session]).toEqual([String(pid), String(pid)])
    for (const descriptor of ['0', '1', '2']) {
      expect(statSync(`/proc/${pid}/fd/${descriptor}`).rdev).toBe(statSync('/dev/null').rdev)
    }
  })

  it('starts releases without it too, and with what they are given', async () => {
    const environment = { ...process.env, RUNNER_TRACKING_ID: 'github_1', INPUT_TOKEN: 'marker-secret' }
    const step = scene.step({ env: { GREETING: '{{version}} in {{slot}}' } }, environment)
    await bringUp(step, 'blue', 'v1')
    const { env } = await ask(await step.platform.reach('blue'), '/environment')
    expect(env).toMatchObject({ TUESDAY_VERSION: 'v1', TUESDAY_SLOT: 'blue', GREETING: 'v1 in blue' })
    expect(Object.keys(env ?? {})).not.toContain('RUNNER_TRACKING_ID')
    expect(JSON.stringify(env)).not.toContain('marker-secret')
  })
})

describe('the supervisor', () => {
  it('is one, however many steps start it at the same moment', async () => {
    const steps = Array.from({ length: 6 }, () => scene.step())
    const pids = await Promise.all(steps.map(supervisorOf))
    expect(new Set(pids).size).toBe(1)
  })

  it('is one again, however many steps find it killed', async () => {
    const pid = await supervisorOf(scene.step())
    await kill(pid)
    const steps = Array.from({ length: 6 }, () => scene.step())
    const pids = new Set(await Promise.all(steps.map(supervisorOf)))
    expect(pids.size).toBe(1)
    expect(pids).not.toContain(pid)
  })

  it('goes on with the processes of a killed one, at the same addresses and weights', async () => {
    const step = scene.step({ replicas: 2 })
    await bringUp(step, 'blue', 'v1')
    await bringUp(step, 'green', 'v2')
    const { revision } = await step.client.request('writeSplit', {
      split: { blue: 75 as Weight, green: 25 as Weight },
    })
    const before = { pids: await scene.pids('blue'), address: (await step.platform.publicAddress()).href }
    await kill(await supervisorOf(step))
    const next = scene.step({ replicas: 2 })
    await eventually(
      () => next.platform.observe(),
      ({ blue, green }) => blue?.ready === 2 && green?.ready === 2,
    )
    expect(await scene.pids('blue')).toEqual(before.pids)
    expect((await next.platform.publicAddress()).href).toBe(before.address)
    expect(await next.client.request('readSplit', {})).toEqual({ split: { blue: 75, green: 25 }, revision })
    expect((await next.platform.observe()).blue).toMatchObject({ restarts: 0 })
  })

  it('notices when a process that it went on with dies, and starts it again', async () => {
    const step = scene.step()
    await bringUp(step, 'blue', 'v1')
    await kill(await supervisorOf(step))
    const next = scene.step()
    await eventually(
      () => next.platform.observe(),
      ({ blue }) => blue?.ready === 1,
    )
    const [pid] = await scene.pids('blue')
    await kill(Number(pid))
    const { blue } = await eventually(
      () => next.platform.observe(),
      ({ blue: seen }) => seen?.ready === 1 && seen.restarts === 1,
    )
    expect(blue?.version).toBe('v1')
    expect(await scene.pids('blue')).not.toContain(pid)
  })

  it('ends processes of a killed one that are not wanted any more', async () => {
    const step = scene.step({ drainMs: 4_000 })
    await bringUp(step, 'blue', 'v1')
    const [pid] = await scene.pids('blue')
    const address = await step.platform.reach('blue')
    // A request in flight keeps the retirement waiting; the supervisor is killed meanwhile.
    const slow = ask(address, '/slow?ms=3000').catch(() => undefined)
    await eventually(
      () => step.client.request('remaining', { side: 'blue' }),
      (count) => count === 1,
    )
    const retired = step.platform.retire('blue').catch(() => undefined)
    await eventually(
      () => scene.step().platform.observe(),
      ({ blue }) => blue === undefined,
    )
    await kill(await supervisorOf(scene.step()))
    await Promise.all([slow, retired])
    expect(await scene.step().platform.observe()).toEqual({})
    await eventually(
      async () => processStart(Number(pid)),
      (start) => start === undefined,
    )
  })

  it('does not touch a process that has merely got the id of a former one', async () => {
    const step = scene.step()
    await bringUp(step, 'blue', 'v1')
    await step.client.shutdown()
    const bystander = spawn('sleep', ['60'])
    const file = join(scene.directory, 'processes.json')
    const stranger = {
      pid: bystander.pid,
      start: 'some other time',
      place: 'green',
      attempt: 'gone',
      replica: 1,
      restarts: 0,
      port: 1,
      graceMs: 1,
    }
    const { writeFileSync } = await import('node:fs')
    writeFileSync(file, JSON.stringify([stranger]))
    await eventually(
      () => scene.step().platform.observe(),
      ({ blue }) => blue?.ready === 1,
    )
    expect(processStart(bystander.pid ?? 0)).toBeDefined()
    bystander.kill('SIGKILL')
    await once(bystander, 'exit')
  })

  it('stops everything when asked, and the next one starts it again', async () => {
    const step = scene.step()
    await bringUp(step, 'blue', 'v1')
    const [pid] = await scene.pids('blue')
    const stop = spawn(process.execPath, [built.entry, 'stop', '--directory', scene.directory])
    expect(await once(stop, 'exit')).toEqual([0, null])
    expect(processStart(Number(pid))).toBeUndefined()
    await eventually(
      () => scene.step().platform.observe(),
      ({ blue }) => blue?.ready === 1,
    )
  })

  it('lets nobody else in', async () => {
    await supervisorOf(scene.step())
    const socket = readFileSync(join(scene.directory, 'control-socket'), 'utf8').trim()
    expect(statSync(scene.directory).mode & 0o777).toBe(0o700)
    expect(statSync(socket).mode & 0o777).toBe(0o600)
    for (const name of readdirSync(scene.directory)) {
      expect([name, statSync(join(scene.directory, name)).mode & 0o077]).toEqual([name, 0])
    }
  })

  it('serves a state directory whose path is too long for a socket', async () => {
    const long = join(scene.directory, 'a-folder-with-a-long-name'.repeat(5))
    const step = scene.step({ directory: long })
    await bringUp(step, 'blue', 'v1')
    const socket = readFileSync(join(long, 'control-socket'), 'utf8').trim()
    expect(Buffer.byteLength(socket)).toBeLessThan(100)
    expect(statSync(socket).mode & 0o777).toBe(0o600)
    expect(await ask(await step.platform.reach('blue'))).toMatchObject({ version: 'v1' })
    await step.client.shutdown()
    expect(existsSync(dirname(socket))).toBe(false)
  })

  it('tells nothing to whoever made the folder of its socket while it was away', async () => {
    const long = join(scene.directory, 'a-folder-with-a-long-name'.repeat(5))
    await supervisorOf(scene.step({ directory: long }))
    await scene.step({ directory: long }).client.shutdown()
    const socket = readFileSync(join(long, 'control-socket'), 'utf8').trim()
    const theirs = join(scene.directory, 'theirs')
    mkdirSync(theirs)
    symlinkSync(theirs, dirname(socket))
    const heard: string[] = []
    const impostor = createServer((stream) => {
      stream.on('error', () => undefined)
      stream.on('data', (bytes) => {
        heard.push(bytes.toString())
        const answer = { protocol: 1, pid: 1, addresses: {}, missing: ['DATABASE_URL'] }
        for (const id of [1, 2]) stream.write(`${JSON.stringify({ id, answer })}\n`)
      })
    })
    await once(impostor.listen(join(theirs, 'control.sock')), 'listening')
    try {
      const step = scene.step({ directory: long }, { ...process.env, DATABASE_URL: 'marker-secret' })
      await expect(step.client.addresses()).rejects.toThrow('belongs to somebody else')
      expect(heard).toEqual([])
      expect(await scene.step({ directory: long }).client.isRunning()).toBe(false)
    } finally {
      impostor.close()
      rmSync(dirname(socket))
    }
  })

  it('refuses to serve the same service at other ports, and names the one that holds', async () => {
    const step = scene.step()
    const { port } = await step.platform.publicAddress()
    const other = scene.step({ port: Number(port) + 1 })
    await expect(other.platform.place('blue', { version: 'v1' })).rejects.toThrow(
      `${Number(port) + 1} was given, but this service is served at ${port}`,
    )
  })
})
