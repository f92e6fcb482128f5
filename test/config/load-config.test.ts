import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { listServices } from '../../src/config/load-config.js'
import { readConfigFile } from '../../src/config/read-config-file.js'
import { DEFAULT_TIMING } from '../../src/rollout/policy.js'
import { LEAST, load } from './given.js'

describe('the least that describes a service', () => {
  it('gets every default', async () => {
    const config = await load(LEAST)
    expect(config).toEqual({
      file: '.github/rollout.yml',
      service: 'shop',
      environment: undefined,
      platform: {
        kind: 'local',
        settings: {
          service: 'shop',
          environment: 'default',
          directory: '/home/runner/.local/state/tuesday/shop-default',
          command: ['node', 'server.js'],
          host: '127.0.0.1',
          port: 0,
          slotPorts: {},
          workingDirectory: '.',
          replicas: 1,
          env: {},
          envFrom: [],
          readiness: { path: '/', intervalMs: 250, timeoutMs: 1_000, successes: 1, failures: 3 },
          startupDeadlineMs: 60_000,
          drainMs: 30_000,
          graceMs: 10_000,
        },
      },
      router: { kind: 'local' },
      policy: {
        plan: {
          strategy: 'canary',
          steps: [
            { weight: 5, holdMs: 300_000, analyze: false },
            { weight: 25, holdMs: 300_000, analyze: false },
            { weight: 50, holdMs: 600_000, analyze: false },
            { weight: 100, holdMs: 0, analyze: false },
          ],
        },
        timing: DEFAULT_TIMING,
        analysis: undefined,
        onFail: 'back',
        onCancel: 'back',
        ifBusy: 'refuse',
        keepStableWarm: 0,
        returnAs: 'at-once',
        adopt: false,
        confirmRate: 200,
        dryRun: false,
      },
      metrics: undefined,
      smoke: [],
      confirm: undefined,
      migrations: undefined,
      github: { deployments: true, environmentUrl: undefined },
      notes: [],
    })
  })

  it('is judged by errors and p95 with a word of analysis', async () => {
    const { policy, metrics } = await load(`${LEAST}analysis: {}\n`)
    expect(metrics).toEqual([{ name: 'local', kind: 'local', metrics: ['errors', 'latency-p95'] }])
    expect(policy.analysis).toEqual({
      queries: [
        { name: 'errors', kind: 'share' },
        { name: 'latency-p95', kind: 'latency' },
      ],
      parameters: {
        minSamples: 100,
        alpha: 0.05,
        passMargin: { ratio: 2, share: 0.005 },
        longestHoldMs: 1_800_000,
        outageMs: 0,
        rules: [
          { name: 'errors', kind: 'share', tolerateRatio: 1.25, tolerateShare: 0.0005 },
          { name: 'latency-p95', kind: 'latency', percentile: 95, tolerateRatio: 1.1, tolerateMs: 5 },
        ],
      },
      intervalMs: 1_000,
      maxHoldFactor: 3,
      onInconclusive: 'back',
      historyMs: 600_000,
      earlyPass: false,
    })
    expect(policy.plan.steps.map((step) => step.analyze)).toEqual([true, true, true, false])
  })
})

const WHOLE = `
service: shop
environment: production
platform:
  local:
    command: [node, server.js, --quiet]
    port: 8080
    slot-ports: { blue: 8081 }
    metrics-port: 9090
    artifact: build
    working-directory: app
    replicas: 3
    env: { LOG_LEVEL: info, WORKERS: 4, TRACE: true }
    env-from: [DATABASE_URL]
    readiness: { path: /ready, interval: 100ms }
    liveness: { path: /alive }
    startup-deadline: 20s
    drain: 5s
    grace: 0
    directory: /var/lib/shop
strategy: canary
plan:
  - weight: 0
    smoke: [smoke/*.yml, { path: /health, json: { $.status: ok } }]
  - { weight: 5%, hold: 30s }
  - { weight: 33.3, hold: 1m, analyze: false }
  - { weight: 100, hold: 10s, keep-stable-warm: 1h }
smoke: [{ path: /, contains: Shop }]
confirm: { url: "http://127.0.0.1:8080/", header: x-version, rate: 50 }
analysis:
  metrics:
    - { name: errors, limit: 5%, tolerate: 50%, tolerate-points: 0.1% }
    - latency-p99
    - { name: slow-tail, kind: latency, percentile: 99.9, limit: 2s, tolerate-duration: 20ms }
  interval: 2s
  min-samples: 500
  max-hold: 2
  on-inconclusive: continue
  on-fail: hold
migrations: { database: "\${DATABASE_URL}" }
on-cancel: hold
if-busy: supersede
return: as-rollout
timing: { ready-deadline: 1m, settle: 250ms, park: 2h, busy-wait: 10m }
github: { deployments: false, environment-url: "https://\${HOST}/" }
`

describe('a file that says everything', () => {
  it('is taken at its word', async () => {
    const config = await load(WHOLE)
    expect(config.environment).toBe('production')
    expect(config.platform.settings).toMatchObject({
      environment: 'production',
      command: ['node', 'server.js', '--quiet'],
      slotPorts: { blue: 8081 },
      metricsPort: 9090,
      artifact: 'build',
      workingDirectory: 'app',
      env: { LOG_LEVEL: 'info', WORKERS: '4', TRACE: 'true' },
      envFrom: ['DATABASE_URL'],
      readiness: { path: '/ready', intervalMs: 100, failures: 3 },
      liveness: { path: '/alive', intervalMs: 1_000 },
      graceMs: 0,
      directory: '/var/lib/shop',
    })
    expect(config.policy.plan.steps).toEqual([
      { weight: 5, holdMs: 30_000, analyze: true },
      { weight: 33.3, holdMs: 60_000, analyze: false },
      { weight: 100, holdMs: 10_000, analyze: true },
    ])
    expect(config.policy).toMatchObject({
      keepStableWarm: 3_600_000,
      onFail: 'hold',
      onCancel: 'hold',
      ifBusy: 'supersede',
      returnAs: 'rollout',
      confirmRate: 50,
      timing: {
        ...DEFAULT_TIMING,
        readyDeadlineMs: 60_000,
        settleMs: 250,
        parkMs: 7_200_000,
        busyWaitMs: 600_000,
      },
    })
    expect(config.policy.analysis).toMatchObject({
      intervalMs: 2_000,
      maxHoldFactor: 2,
      onInconclusive: 'continue',
    })
    expect(config.policy.analysis?.parameters.rules).toEqual([
      { name: 'errors', kind: 'share', tolerateRatio: 1.5, tolerateShare: 0.001, limit: 0.05 },
      { name: 'latency-p99', kind: 'latency', percentile: 99, tolerateRatio: 1.1, tolerateMs: 5 },
      {
        name: 'slow-tail',
        kind: 'latency',
        percentile: 99.9,
        tolerateRatio: 1.1,
        tolerateMs: 20,
        limit: 2_000,
      },
    ])
    expect(config.smoke).toEqual([
      { files: 'smoke/*.yml', at: ['plan', 0, 'smoke', 0] },
      { path: '/health', json: { '$.status': 'ok' } },
      { path: '/', contains: 'Shop' },
    ])
    expect(config.confirm?.version).toEqual({ kind: 'header', name: 'x-version' })
    expect(config.migrations?.directory).toBe('db/migrations')
    expect(config.github.deployments).toBe(false)
  })

  it('is overruled by the workflow', async () => {
    const overrides = { onCancel: 'back', ifBusy: 'wait', adopt: true, dryRun: true } as const
    const { policy } = await load(WHOLE, { overrides })
    expect(policy).toMatchObject(overrides)
  })

  it('gives way to another strategy of the workflow, and says that its plan is not used', async () => {
    const { policy, notes } = await load(WHOLE, { overrides: { strategy: 'blue-green' } })
    expect(policy.plan).toEqual({
      strategy: 'blue-green',
      steps: [{ weight: 100, holdMs: 0, analyze: false }],
    })
    expect(notes).toEqual([
      'strategy blue-green comes from the workflow: the plan in the file, written for canary, is not used',
    ])
  })

  it('keeps blue-green warm until the next deploy', async () => {
    expect((await load(`${LEAST}strategy: blue-green\n`)).policy.keepStableWarm).toBe('until-next')
    expect((await load(`${LEAST}strategy: blue-green\nkeep-stable-warm: 1h\n`)).policy.keepStableWarm).toBe(
      3_600_000,
    )
  })
})

describe('variables', () => {
  it('are filled in when they are used, from the environment of the step', async () => {
    const env = { HOME: '/home/runner', DATABASE_URL: 'postgres://u:p@h/db', HOST: 'shop.example.com' }
    const { migrations, github } = await load(WHOLE, { env })
    await expect(migrations?.database?.value()).resolves.toBe('postgres://u:p@h/db')
    await expect(github.environmentUrl?.value()).resolves.toBe('https://shop.example.com/')
    expect(migrations?.database?.template).toBe('${DATABASE_URL}')
  })

  it('stop nobody who does not use them; who does is told which is missing, and where it stands', async () => {
    const { migrations } = await load(WHOLE, { env: { HOME: '/home/runner', DATABASE_URL: '' } })
    await expect(migrations?.database?.value()).rejects.toThrow(
      /^\.github\/rollout\.yml:40:25: migrations\.database: DATABASE_URL is empty or not set; set it in the env of the step/,
    )
  })

  it.each(['${', '${1X}', '${A B}', 'x${}'])('of another form are refused: %s', async (database) => {
    const { migrations } = await load(`${LEAST}migrations: { database: '${database}' }\n`)
    await expect(migrations?.database?.value()).rejects.toThrow(
      /^\.github\/rollout\.yml:3:25: .* is no variable; allowed: \$\{NAME\}/,
    )
  })
})

const SEVERAL = `
services:
  web:
    platform: { local: { command: node web.js } }
    environments: { staging: { platform: { local: { port: 9001 } } } }
  api:
platform: { local: { command: node api.js, replicas: 2, env: { A: top, B: top } } }
plan: [{ weight: 5, hold: 1m }, { weight: 100 }]
confirm: { header: x-version }
environments:
  staging:
    plan: [{ weight: 100 }]
    platform: { local: { replicas: 1, env: { B: staging } } }
    confirm: { json: $.version }
  production: {}
`

describe('services and environments', () => {
  it('are listed in their order', async () => {
    expect(await listServices({ file: 'f', text: SEVERAL })).toEqual(['web', 'api'])
    expect(await listServices({ file: 'f', text: LEAST })).toEqual(['shop'])
    await expect(listServices({ file: 'f', text: 'strategy: canary' })).rejects.toThrow(
      'f:1:1: service: is missing',
    )
  })

  it('override keys: the service first, then the environment, then the environment of the service', async () => {
    const web = await load(SEVERAL, { service: 'web', environment: 'staging' })
    expect(web.platform.settings).toMatchObject({
      service: 'web',
      environment: 'staging',
      command: ['node', 'web.js'],
      replicas: 1,
      port: 9001,
      env: { A: 'top', B: 'staging' },
      directory: '/home/runner/.local/state/tuesday/web-staging',
    })
    expect(web.policy.plan.steps).toEqual([{ weight: 100, holdMs: 0, analyze: false }])
    expect(web.confirm?.version).toEqual({ kind: 'json', path: '$.version' })
    const api = await load(SEVERAL, { service: 'api', environment: 'production' })
    expect(api.platform.settings).toMatchObject({ command: ['node', 'api.js'], replicas: 2 })
    expect(api.policy.plan.steps).toHaveLength(2)
  })

  it('are never guessed: without an environment nothing of one is used', async () => {
    const api = await load(SEVERAL, { service: 'api' })
    expect(api.environment).toBeUndefined()
    expect(api.platform.settings.replicas).toBe(2)
  })

  it('may be any environment where the file describes none', async () => {
    expect((await load(LEAST, { environment: 'preview-7' })).environment).toBe('preview-7')
  })

  it('can switch analysis and migrations off for one environment', async () => {
    const text = `${LEAST}analysis: {}\nmigrations: {}\nenvironments: { staging: { analysis: false, migrations: false } }\n`
    const staging = await load(text, { environment: 'staging' })
    expect([staging.policy.analysis, staging.metrics, staging.migrations]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('the file', () => {
  it('is read from the workspace, and asked for by its path when it is not there', async () => {
    const workspace = mkdtempSync(join(tmpdir(), 'workspace-'))
    try {
      await expect(readConfigFile('rollout.yml', workspace)).rejects.toMatchObject({
        name: 'UserError',
        message: 'rollout.yml: there is no such file in the workspace',
        hint: expect.stringContaining('Check out the repository first'),
      })
      writeFileSync(join(workspace, 'rollout.yml'), LEAST)
      expect(await readConfigFile('rollout.yml', workspace)).toEqual({ file: 'rollout.yml', text: LEAST })
      await expect(readConfigFile('.', workspace)).rejects.toThrow('EISDIR')
    } finally {
      rmSync(workspace, { recursive: true })
    }
  })
})
