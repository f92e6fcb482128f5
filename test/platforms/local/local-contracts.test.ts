import { afterAll, beforeAll } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileLedgerStore } from '../../../src/platforms/local/file-ledger-store.js'
import type { Taking } from '../../../src/platforms/local/local-platform.js'
import { describeLedgerStore } from '../../contracts/ledger-store-contract.js'
import { realTime } from '../../contracts/patience.js'
import { describePlatform, type PlatformHarness } from '../../contracts/platform-contract.js'
import { builtSupervisor } from './built-supervisor.js'
import { ask, LocalScene } from './local-scene.js'

let built: Awaited<ReturnType<typeof builtSupervisor>>
beforeAll(async () => {
  built = await builtSupervisor()
})
afterAll(() => built.remove())

describeLedgerStore('the ledger file of the local platform', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tuesday-ledger-'))
  return {
    open: () => new FileLedgerStore(directory),
    dispose: () => rmSync(directory, { recursive: true }),
  }
})

async function localHarness(taking: Taking): Promise<PlatformHarness> {
  const scene = new LocalScene(built.entry)
  const artifact = mkdtempSync(join(tmpdir(), 'tuesday-artifact-'))
  const build = (content: string): void => writeFileSync(join(artifact, 'build.txt'), content)
  build('the first')
  const settings = { artifact, replicas: 2, startupDeadlineMs: 4_000, env: { NEVER_READY_VERSION: 'stuck' } }
  const { platform } = scene.step(settings, process.env, taking)
  return {
    ...realTime,
    platform,
    deadlineMs: 10_000,
    good: (version) => ({ version }),
    rebuild: () => build('another one'),
    neverReady: { release: { version: 'stuck' }, logs: 'release stuck starts' },
    failsByItself: true,
    instances: (place) => scene.pids(place),
    crash: async (place) => {
      const [pid] = await scene.pids(place)
      process.kill(Number(pid), 'SIGKILL')
    },
    slowRequest: async (place, ms) => {
      const address = (await platform.reach(place)) ?? (await platform.publicAddress())
      const answer = await ask(address, `/slow?ms=${ms}`).catch(() => undefined)
      return answer?.slot === place
    },
    versionAt: async (address) => (await ask(address)).version,
    dispose: async () => {
      await scene.clear()
      rmSync(artifact, { recursive: true })
    },
  }
}

describePlatform('local', () => localHarness('slots'))
describePlatform('local, updated in place', () => localHarness('rolling'))
describePlatform('local, recreated in place', () => localHarness('recreate'))
