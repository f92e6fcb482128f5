import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../testbed/free-port.js'
import type { ScrapeTarget } from '../../workflows/platforms/platform-under-test.js'
import { prometheusBinary } from './prometheus-binary.js'

const READY_LIMIT_MS = 20_000

/** A Prometheus that really runs, with a data folder of its own, and can be away for a while. */
export class RealPrometheus {
  readonly url: string
  readonly #folder: string
  readonly #port: number
  readonly #secure: boolean
  #process: ChildProcess | undefined
  #said = ''

  private constructor(folder: string, port: number, secure: boolean) {
    this.#folder = folder
    this.#port = port
    this.#secure = secure
    this.url = `${secure ? 'https' : 'http'}://127.0.0.1:${port}`
  }

  /**
   * @param scrape how often, as Prometheus writes it: `1s`
   * @param web its web configuration: https://prometheus.io/docs/prometheus/latest/configuration/https/
   */
  static async start(
    targets: readonly ScrapeTarget[],
    scrape: string,
    web?: object,
  ): Promise<RealPrometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'tuesday-prometheus-'))
    const one = new RealPrometheus(folder, await freePort(), web !== undefined)
    const static_configs = targets.map(({ port, labels }) => ({ targets: [`127.0.0.1:${port}`], labels }))
    const config = {
      global: { scrape_interval: scrape, scrape_timeout: scrape },
      scrape_configs: [{ job_name: 'shop', static_configs }],
    }
    // JSON is YAML.
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config))
    if (web !== undefined) await writeFile(join(folder, 'web.yml'), JSON.stringify(web))
    await one.comeBack()
    return one
  }

  /** Starts it, with all that it had stored; resolves when it answers. */
  async comeBack(): Promise<void> {
    const web = this.#secure ? [`--web.config.file=${join(this.#folder, 'web.yml')}`] : []
    const running = spawn(
      prometheusBinary(),
      [
        `--config.file=${join(this.#folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(this.#folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${this.#port}`,
        ...web,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    this.#process = running
    // Nothing that a test starts may outlive it.
    const killed = (): void => void running.kill('SIGKILL')
    process.once('exit', killed)
    running.once('exit', () => process.removeListener('exit', killed))
    this.#said = ''
    const ready = Promise.withResolvers<void>()
    running.stderr.setEncoding('utf8')
    running.stderr.on('data', (piece: string) => {
      this.#said = (this.#said + piece).slice(-8_000)
      if (this.#said.includes('Server is ready to receive web requests')) ready.resolve()
    })
    running.on('error', ready.reject)
    running.on('exit', () => ready.reject(new Error(`prometheus has ended:\n${this.#said}`)))
    const late = new AbortController()
    const limit = sleep(READY_LIMIT_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error(`prometheus was not ready in ${READY_LIMIT_MS / 1_000} s:\n${this.#said}`)
    })
    limit.catch(() => undefined)
    await Promise.race([ready.promise, limit])
    late.abort()
  }

  /** It is gone at once, as when its machine is lost; what it has stored stays. */
  async vanish(): Promise<void> {
    const running = this.#process
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill('SIGKILL')
    await gone
  }

  async dispose(): Promise<void> {
    await this.vanish()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
