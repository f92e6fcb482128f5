import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { freePort } from '../../../src/platforms/local/supervisor/free-port.js'
import { processStart } from '../../../src/platforms/local/supervisor/process-identity.js'
import { SupervisorLock } from '../../../src/platforms/local/supervisor/supervisor-lock.js'
import { LocalRouter } from '../../../src/routers/local.js'
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
    await once(impostor.listen(join(theirs, basename(socket))), 'listening')
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

describe('a state directory that is removed under a live service', () => {
  const long = 'a-folder-with-a-long-name'.repeat(5)

  it.each([
    ['with its socket', '.'],
    ['whose socket is elsewhere, since its path is long', long],
  ])('%s: a step that comes at once gets another supervisor at the same port', async (_which, below) => {
    const directory = join(scene.directory, below)
    const settings = { directory, port: await freePort('127.0.0.1', new Set()) }
    const step = scene.step(settings)
    await bringUp(step, 'blue', 'v1')
    const old = await supervisorOf(step)
    await step.client.close()
    rmSync(directory, { recursive: true })

    const next = scene.step(settings)
    expect(await next.platform.observe()).toEqual({})
    await bringUp(next, 'blue', 'v2')
    expect(await ask(await next.platform.reach('blue'))).toMatchObject({ version: 'v2' })
    expect(processStart(old)).toBeUndefined()
    // The one that has ended took nothing of the new one with it: neither its socket nor its lock.
    const current = await supervisorOf(next)
    expect(await supervisorOf(scene.step(settings))).toBe(current)
    expect(new SupervisorLock(directory).free).toBeUndefined()
  })

  it('ends all that it ran when nobody comes, and leaves nothing', async () => {
    const directory = join(scene.directory, 'state')
    const step = scene.step({ directory })
    await bringUp(step, 'blue', 'v1')
    const { pid } = await ask(await step.platform.reach('blue'))
    const supervisor = await supervisorOf(step)
    await step.client.close()
    rmSync(directory, { recursive: true })
    for (const ended of [supervisor, pid]) {
      await eventually(
        async () => processStart(ended),
        (start) => start === undefined,
      )
    }
    expect(existsSync(directory)).toBe(false)
  })
})

describe('a supervisor that cannot have its port', () => {
  it('is not left running, and the holder is named', async () => {
    const other = createServer()
    await once(other.listen(0, '127.0.0.1'), 'listening')
    const { port } = other.address() as AddressInfo
    try {
      const { client } = scene.step({ port })
      await expect(client.addresses()).rejects.toThrow(
        new RegExp(
          `platform.local.port: port ${port} is taken by another program, .* \\(process ${process.pid}\\)`,
        ),
      )
      expect(await client.isRunning()).toBe(false)
      expect(new SupervisorLock(scene.directory).free).toBeDefined()
    } finally {
      other.close()
    }
  })
})

describe('a dry run while the supervisor is stopped', () => {
  it('reads what it left, says that nothing answers, and starts nothing', async () => {
    const step = scene.step()
    await bringUp(step, 'blue', 'v1')
    const { revision } = await step.client.request('writeSplit', { split: { blue: 100 as Weight } })
    const address = await step.platform.publicAddress()
    await step.client.shutdown()

    const { platform, client } = scene.dryStep()
    expect(await platform.observe()).toEqual({ blue: { version: 'v1', wanted: 1, ready: 0, restarts: 0 } })
    expect(await new LocalRouter(client).read()).toEqual({ split: { blue: 100 }, revision })
    expect(await new LocalRouter(client).healthy('blue')).toBe(0)
    expect(await platform.publicAddress()).toEqual(address)
    const findings = await platform.preflight({ release: { version: 'v2' }, place: 'green', weights: [] })
    expect(findings.map(({ what }) => what).join('\n')).toContain('is stopped: nothing answers')
    await expect(platform.place('green', { version: 'v2' })).rejects.toThrow(
      'The supervisor of tiny is stopped',
    )
    expect(await scene.pids('blue')).toEqual([])
    expect(await client.isRunning()).toBe(false)
  })

  it('reads from one that runs', async () => {
    await bringUp(scene.step(), 'blue', 'v1')
    expect((await scene.dryStep().platform.observe()).blue).toMatchObject({ ready: 1 })
  })
})

describe('the command line of the supervisor', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [built.entry, ...args], { encoding: 'utf8' })

  it('explains itself when asked', () => {
    const { status, stdout } = run('--help')
    expect(status).toBe(0)
    expect(stdout).toContain('stop   --directory')
  })

  it.each([
    ['an option that it does not know', ['stop', '--dir', '/x'], "Unknown option '--dir'"],
    ['no command', ['--directory', '/x'], 'no command is given'],
    ['a command that it does not know', ['halt', '--directory', '/x'], 'the command "halt" is not known'],
    ['no directory', ['stop'], '--directory is missing'],
  ])('answers %s with what is wrong and its usage', (_what, args, problem) => {
    const { status, stderr } = run(...args)
    expect(status).toBe(2)
    expect(stderr).toContain(problem)
    expect(stderr).toContain('Usage:')
  })

  it('does not take a mistyped directory for a service that is stopped, and names those that are near', async () => {
    const directory = join(scene.directory, 'shop-production')
    await supervisorOf(scene.step({ directory }))
    for (const command of ['stop', 'status']) {
      const { status, stderr } = run(command, '--directory', join(scene.directory, 'shop-prod'))
      expect(status).toBe(1)
      expect(stderr).toContain('shop-prod does not exist')
      expect(stderr).toContain(`State directories in ${scene.directory}: shop-production`)
    }
    expect(run('stop', '--directory', scene.directory).stderr).toContain('no supervisor ever ran there')
  })
})
