import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ControlClient } from '../../src/platforms/local/control/control-client.ts'
import { LocalPlatform } from '../../src/platforms/local/local-platform.ts'
import { LOCAL_DEFAULTS, type LocalSettings } from '../../src/platforms/local/settings.ts'
import { LocalRouter } from '../../src/routers/local.ts'
import { parseWeight } from '../../src/rollout/weight.ts'

export interface ShippedRouter {
  /** Of the public port. */
  readonly port: number
  /** Of the one replica that serves behind it. */
  readonly servicePort: number
  close(): Promise<void>
}

/** Starts `dist/local-supervisor.js` as a step does, with the service as a release that has all the traffic. */
export async function openShippedRouter(root: string): Promise<ShippedRouter> {
  const supervisorEntry = join(root, 'dist', 'local-supervisor.js')
  if (!existsSync(supervisorEntry)) throw new Error(`${supervisorEntry} is missing: npm run build makes it`)
  const directory = mkdtempSync(join(tmpdir(), 'tuesday-bench-'))
  const settings: LocalSettings = {
    ...LOCAL_DEFAULTS,
    service: 'bench',
    environment: 'default',
    directory,
    command: [process.execPath, join(root, 'bench', 'router', 'service.ts')],
  }
  const environment = process.env
  const client = new ControlClient({ settings, supervisorEntry, environment })
  const platform = new LocalPlatform({ settings, client, workspace: root, environment })
  const close = async (): Promise<void> => {
    await client.shutdown()
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    const { attempt } = await platform.place('blue', { version: '1' })
    await untilReady(platform, attempt)
    await new LocalRouter(client).write({ blue: parseWeight(100), green: parseWeight(0) })
    const address = await platform.publicAddress()
    const { port } = (await (await fetch(address)).json()) as { port: number }
    return { port: Number(address.port), servicePort: port, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function untilReady(platform: LocalPlatform, attempt: string): Promise<void> {
  const signal = AbortSignal.timeout(20_000)
  for await (const _ of platform.watch('blue', signal)) {
    const progress = await platform.progress('blue', attempt)
    if (progress.state === 'ready') return
    if (progress.state === 'failed') throw new Error(`the service did not start: ${progress.reason}`)
  }
  throw new Error('the service was not ready within 20 s')
}
