import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalSettings } from '../../../src/platforms/local/settings.js'
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

async function bringUp(
  change: Partial<LocalSettings> = {},
  environment?: Record<string, string | undefined>,
) {
  const step = scene.step(change, environment)
  const { attempt } = await step.platform.place('blue', { version: 'v1' })
  const end = await eventually(
    () => step.platform.progress('blue', attempt),
    ({ state }) => state !== 'moving',
  )
  return { ...step, attempt, end, blue: await step.platform.reach('blue') }
}

describe('a replica', () => {
  it('that is not ready gets no requests, and is not restarted for it', async () => {
    const { platform, client, blue } = await bringUp({ replicas: 2 })
    await client.request('writeSplit', { split: { blue: 100 as Weight } })
    const { pid } = await ask(blue, '/become-unready')
    await eventually(
      () => platform.observe(),
      ({ blue: seen }) => seen?.ready === 1,
    )
    const address = await platform.publicAddress()
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(address)))
    expect(answers.map((answer) => answer.pid)).not.toContain(pid)
    expect(processStart(pid)).toBeDefined()
    expect((await platform.observe()).blue).toMatchObject({ restarts: 0 })
  })

  it('that is not alive is replaced, also if it is ready', async () => {
    const liveness = { path: '/alive', intervalMs: 50, timeoutMs: 500, successes: 1, failures: 2 }
    const { platform, blue } = await bringUp({ liveness })
    const { pid } = await ask(blue, '/become-sick')
    await eventually(
      () => platform.observe(),
      ({ blue: seen }) => seen?.restarts === 1 && seen.ready === 1,
    )
    expect((await ask(blue)).pid).not.toBe(pid)
    expect((await platform.lastWords('blue')).join('\n')).toContain('GET /alive answered 500')
  })

  it('that ignores SIGTERM is killed after its grace, with its whole group', async () => {
    const sleeper = 'sleep 61 & echo sleeper $!; exec "$0" "$@"'
    const service = join(process.cwd(), 'test/platforms/local/tiny-service.mjs')
    const { platform } = await bringUp({
      command: ['sh', '-c', sleeper, process.execPath, service],
      env: { IGNORES_SIGTERM: 'yes' },
      graceMs: 300,
    })
    const sleepers = (await platform.lastWords('blue')).flatMap(
      (line) => /^sleeper (\d+)$/.exec(line)?.[1] ?? [],
    )
    expect(sleepers).toHaveLength(1)
    const startedMs = performance.now()
    await platform.retire('blue')
    expect(performance.now() - startedMs).toBeGreaterThan(290)
    await eventually(
      async () => processStart(Number(sleepers[0])),
      (start) => start === undefined,
    )
    expect((await platform.lastWords('blue')).join('\n')).toContain('was ended by SIGKILL')
  })

  it('that exits again and again is given up with its exit code and last lines', async () => {
    const { end, platform } = await bringUp({ env: { EXIT_AT_ONCE: '7' } })
    expect(end).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('exited with code 7, 5 times in a row'),
    })
    expect('logs' in end ? end.logs : []).toContain('cannot find my settings')
    expect(await scene.pids('blue')).toEqual([])
    expect((await platform.observe()).blue).toMatchObject({ version: 'v1', ready: 0 })
  })

  it('whose program is missing is given up at once', async () => {
    const { end } = await bringUp({ command: ['no-such-program-here'] })
    expect(end).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('no-such-program-here cannot be started'),
    })
  })

  it('that was ready once is started again however often it dies', async () => {
    const { platform, blue } = await bringUp()
    for (let deaths = 1; deaths <= 2; deaths++) {
      await ask(blue, '/die')
      await eventually(
        () => platform.observe(),
        ({ blue: seen }) => seen?.restarts === deaths && seen.ready === 1,
      )
    }
    expect((await platform.lastWords('blue')).join('\n')).toContain('exited with code 3')
  })

  it('may log as much as it likes: the file stays small and its last lines are kept', async () => {
    const { platform } = await bringUp({ env: { CHATTER: '200000' } })
    // 2.3 MB are written; a file may hold 1 MiB.
    await eventually(
      () => platform.lastWords('blue'),
      (lines) => lines.includes('line 200000'),
    )
    const logs = join(scene.directory, 'logs')
    await eventually(
      async () => readdirSync(logs).reduce((sum, name) => sum + statSync(join(logs, name)).size, 0),
      (size) => size <= 1024 * 1024,
    )
    const words = await platform.lastWords('blue')
    expect(words.length).toBeLessThanOrEqual(200)
    expect(words).toContain('line 200000')
  })
})

describe('secrets', () => {
  const environment = { ...process.env, DATABASE_URL: 'marker-secret-1' }

  it('reach the release, and are neither on disk nor in arguments', async () => {
    const { blue } = await bringUp({ envFrom: ['DATABASE_URL'] }, environment)
    expect((await ask(blue, '/environment')).env).toMatchObject({ DATABASE_URL: 'marker-secret-1' })
    const texts = readdirSync(scene.directory, { recursive: true, encoding: 'utf8' })
      .map((name) => join(scene.directory, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path, 'utf8'))
    expect(texts.length).toBeGreaterThan(3)
    for (const text of texts) expect(text).not.toContain('marker-secret')
  })

  it('are brought again by the next step when the supervisor lost them', async () => {
    const { client } = await bringUp({ envFrom: ['DATABASE_URL'] }, environment)
    await client.shutdown()
    const without = scene.step({ envFrom: ['DATABASE_URL'] }, { PATH: process.env['PATH'] })
    await without.client.addresses()
    expect((await without.platform.observe()).blue).toMatchObject({ ready: 0 })
    const next = scene.step({ envFrom: ['DATABASE_URL'] }, environment)
    await eventually(
      () => next.platform.observe(),
      ({ blue }) => blue?.ready === 1,
    )
    expect((await ask(await next.platform.reach('blue'), '/environment')).env).toMatchObject({
      DATABASE_URL: 'marker-secret-1',
    })
  })

  it('that the step does not have are named before anything starts', async () => {
    const step = scene.step({ envFrom: ['DATABASE_URL'] }, { PATH: process.env['PATH'] })
    await expect(step.platform.place('blue', { version: 'v1' })).rejects.toThrow('no variable DATABASE_URL')
    expect(await step.platform.observe()).toEqual({})
  })
})

describe('the copy of a release', () => {
  it('is what runs, so that the release can return when its workspace is gone', async () => {
    const workspace = mkdtempSync(join(tmpdir(), 'tuesday-workspace-'))
    mkdirSync(join(workspace, 'bin'))
    const folder = 'JSON.stringify({ cwd: process.cwd() })'
    const service = `require('node:http').createServer((_, answer) => answer.end(${folder})).listen(process.env.PORT)`
    writeFileSync(join(workspace, 'bin/server.cjs'), service)
    const settings = {
      artifact: workspace,
      workingDirectory: 'bin',
      command: [process.execPath, 'server.cjs'],
    }
    const { platform, blue } = await bringUp(settings)
    const { handle } = await platform.place('blue', { version: 'v1' })
    rmSync(workspace, { recursive: true })
    await platform.retire('blue')
    const back = await platform.place('blue', { version: 'v1' }, handle)
    await eventually(
      () => platform.progress('blue', back.attempt),
      ({ state }) => state === 'ready',
    )
    expect((await ask(blue)).cwd).toMatch(/releases\/v1-[0-9a-f]+\.[0-9a-f]+\/artifact\/bin$/)
  })

  it('that is gone is named, and nothing is started instead', async () => {
    const { platform } = scene.step()
    await expect(platform.place('blue', { version: 'v1' }, 'v1-0000')).rejects.toThrow(
      'The copy of release v1 is not in the state directory any more',
    )
    expect(await platform.observe()).toEqual({})
  })
})
