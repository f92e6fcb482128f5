import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ControlClient } from '../../../src/platforms/local/control/control-client.js'
import { LocalPlatform, type Taking } from '../../../src/platforms/local/local-platform.js'
import type { ProcessRecord } from '../../../src/platforms/local/supervisor/process-table.js'
import type { Place } from '../../../src/rollout/place.js'
import { LOCAL_DEFAULTS, type LocalSettings } from '../../../src/platforms/local/settings.js'

const TINY_SERVICE = resolve('test/platforms/local/tiny-service.mjs')

/** Answers of the tiny service. */
export interface Answer {
  readonly version: string
  readonly slot: string
  readonly pid: number
  readonly env?: Record<string, string>
  readonly cwd?: string
}

/** Settings of the tiny service in a state directory of its own, quick to notice and quick to stop. */
export function tinySettings(directory: string, change: Partial<LocalSettings> = {}): LocalSettings {
  return {
    ...LOCAL_DEFAULTS,
    service: 'tiny',
    environment: 'test',
    directory,
    command: [process.execPath, TINY_SERVICE],
    readiness: { path: '/ready', intervalMs: 50, timeoutMs: 1_000, successes: 1, failures: 2 },
    startupDeadlineMs: 10_000,
    drainMs: 5_000,
    graceMs: 2_000,
    ...change,
  }
}

/** One service on this machine, seen by as many steps as a test likes, and nothing left of it afterwards. */
export class LocalScene {
  readonly directory = mkdtempSync(join(tmpdir(), 'tuesday-local-'))
  readonly #entry: string
  readonly #clients: ControlClient[] = []

  constructor(supervisorEntry: string) {
    this.#entry = supervisorEntry
  }

  /** A step: a client and a platform of its own. */
  step(
    change: Partial<LocalSettings> = {},
    environment: Record<string, string | undefined> = process.env,
    taking: Taking = 'slots',
    dryRun = false,
  ) {
    const settings = tinySettings(this.directory, change)
    const client = new ControlClient({ settings, supervisorEntry: this.#entry, environment, dryRun })
    this.#clients.push(client)
    const platform = new LocalPlatform({ settings, client, workspace: process.cwd(), environment }, taking)
    return { client, platform, settings }
  }

  /** A step with `dry-run: true`. */
  dryStep(change: Partial<LocalSettings> = {}) {
    return this.step(change, process.env, 'slots', true)
  }

  /** Process ids of what runs in a place, as the supervisor wrote them down. */
  async pids(place: Place): Promise<string[]> {
    const file = join(this.directory, 'processes.json')
    const records = existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as ProcessRecord[]) : []
    return records.filter((record) => record.place === place).map(({ pid }) => String(pid))
  }

  /** Stops the supervisor and all it runs, and removes the state. */
  async clear(): Promise<void> {
    for (const client of [this.step().client, ...this.#clients]) await client.shutdown()
    // A supervisor that found another one at work may still be on its way out, and writes into the directory.
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

/** Asks a slot or the public address. */
export async function ask(base: URL | string | undefined, path = '/'): Promise<Answer> {
  const response = await fetch(new URL(path, base), { headers: { connection: 'close' } })
  return (await response.json()) as Answer
}

/** Looks again and again until the look succeeds, and fails with what was seen last. */
export async function eventually<T>(
  look: () => Promise<T>,
  accepted: (seen: T) => boolean,
  limitMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const seen = await look()
    if (accepted(seen)) return seen
    if (performance.now() > deadline) throw new Error(`after ${limitMs} ms still ${JSON.stringify(seen)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
