import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { LocalSettings } from '../../../src/platforms/local/settings.js'
import type { Finding } from '../../../src/rollout/ports/platform.js'
import { ALL } from '../../../src/rollout/weight.js'
import { LocalScene } from './local-scene.js'

let scene: LocalScene
beforeEach(() => {
  // No supervisor is needed: preflight starts none.
  scene = new LocalScene('/nowhere/local-supervisor.js')
})
afterEach(() => scene.clear())

const environment = { PATH: process.env['PATH'] }
const TINY = 'test/platforms/local/tiny-service.mjs'
const intent = { release: { version: 'v1' }, place: 'blue', weights: [ALL] } as const
const found = (change: Partial<LocalSettings>, variables: Record<string, string | undefined> = environment) =>
  scene.step({ replicas: 2, artifact: TINY, ...change }, variables).platform.preflight(intent)
const matching = (severity: Finding['severity'], what: string) => [
  expect.objectContaining({
    severity,
    what: expect.stringContaining(what),
    mend: expect.stringMatching(/\S/),
  }),
]

describe('preflight of the local platform', () => {
  it('finds nothing wrong with a sound config, and starts nothing', async () => {
    expect(await found({})).toEqual([])
    expect(existsSync(join(scene.directory, 'desired.json'))).toBe(false)
    expect(existsSync(join(scene.directory, 'supervisor.log'))).toBe(false)
  })

  it('names a program that is not found', async () => {
    expect(await found({ command: ['no-such-program', 'x'] })).toEqual(
      matching('error', '"no-such-program" is not found'),
    )
  })

  it('names a program that may not be executed', async () => {
    const script = join(scene.directory, 'start')
    writeFileSync(script, '#!/bin/sh\n', { mode: 0o644 })
    expect(await found({ command: [script] })).toEqual(matching('error', 'may not be executed'))
  })

  it('names an artifact that is missing', async () => {
    expect(await found({ artifact: 'never-built' })).toEqual(matching('error', 'never-built does not exist'))
  })

  it('does not ask for a build where a recorded release is started again', async () => {
    const { platform } = scene.step({ replicas: 2, artifact: 'never-built' }, environment)
    expect(await platform.preflight({ ...intent, recorded: true })).toEqual([])
  })

  it('names an artifact that would be copied into itself', async () => {
    const directory = join(scene.directory, 'state')
    expect(await found({ artifact: scene.directory, directory })).toEqual(
      matching('error', 'contains the state directory'),
    )
  })

  it('names a working directory that leads out of the artifact', async () => {
    const artifact = join(scene.directory, 'built')
    mkdirSync(artifact)
    expect(await found({ artifact, workingDirectory: '../..' })).toEqual(
      matching('error', 'leads out of the artifact'),
    )
  })

  it('names a port that another program holds', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    expect(await found({ port })).toEqual(matching('error', `platform.local.port: port ${port}`))
    expect(await found({ slotPorts: { green: port } })).toEqual(matching('error', 'slot-ports.green'))
    const [{ what = '' } = {}] = await found({ port })
    expect(what).toContain(`(process ${process.pid})`)
    await new Promise((resolve) => other.close(resolve))
    expect(await found({ port })).toEqual([])
  })

  it('names the service of ours that holds a port', async () => {
    const directory = join(scene.directory, 'shop-production')
    const script = join(scene.directory, 'local-supervisor.mjs')
    writeFileSync(
      script,
      "import { createServer } from 'node:net'\nconst server = createServer().listen(0, '127.0.0.1', () => console.log(server.address().port))\n",
    )
    const args = [script, 'run', '--directory', directory, '--service', 'shop']
    const supervisor = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [line] = (await once(supervisor.stdout, 'data')) as [Buffer]
      const [finding] = await found({ port: Number(line.toString()) })
      expect(finding?.what).toContain(
        `is taken by the supervisor of shop with the state directory ${directory}`,
      )
      expect(finding?.mend).toContain('mend the input service or environment')
      // The same directory: it was removed, and its supervisor is about to end.
      expect(await found({ port: Number(line.toString()), directory })).toEqual([])
    } finally {
      supervisor.kill('SIGKILL')
      await once(supervisor, 'exit')
    }
  })

  it('names secrets that the step does not have', async () => {
    expect(await found({ envFrom: ['DATABASE_URL'] })).toEqual(matching('error', 'no variable DATABASE_URL'))
    expect(await found({ envFrom: ['DATABASE_URL'] }, { ...environment, DATABASE_URL: 'postgres:' })).toEqual(
      [],
    )
  })

  it('warns of a liveness that asks what readiness asks', async () => {
    const probe = { path: '/ready', intervalMs: 1_000, timeoutMs: 1_000, successes: 1, failures: 3 }
    expect(await found({ liveness: probe })).toEqual(matching('warning', 'the same path /ready'))
    expect(await found({ liveness: { ...probe, path: '/alive' } })).toEqual([])
  })

  it('warns when nothing is kept of a release', async () => {
    const { platform } = scene.step({ replicas: 2 }, environment)
    expect(await platform.preflight(intent)).toEqual(matching('warning', 'no artifact is named'))
    const release = { version: 'v1', image: 'shop@sha256:1' }
    expect(await platform.preflight({ ...intent, release })).toEqual([])
  })

  it('warns of a single replica', async () => {
    expect(await found({ replicas: 1 })).toEqual(matching('warning', 'one replica only'))
  })

  it('warns on a hosted runner that everything ends with the job', async () => {
    expect(await found({}, { ...environment, RUNNER_ENVIRONMENT: 'github-hosted' })).toEqual(
      matching('warning', 'GitHub-hosted runner'),
    )
    expect(await found({}, { ...environment, RUNNER_ENVIRONMENT: 'self-hosted' })).toEqual([])
  })
})
