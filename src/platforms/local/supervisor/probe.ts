import { get } from 'node:http'
import type { ProbeSettings } from '../settings.js'

/** While it has never been good it is asked at least this often: a release in its start is being waited for. */
const EAGER_INTERVAL_MS = 100

/** Asks one replica the same question again and again, and tells when the answer changes from bad to good or back. */
export class Probe {
  readonly #port: number
  readonly #settings: ProbeSettings
  readonly #changed: (good: boolean) => void
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #wasGood = false
  #good: boolean
  #inARow = 0
  #last = 'was not asked yet'

  /** `good`: what it is taken to be before it is asked. `changed` is never called after `stop`. */
  constructor(port: number, settings: ProbeSettings, good: boolean, changed: (good: boolean) => void) {
    this.#port = port
    this.#settings = settings
    this.#good = good
    this.#wasGood = good
    this.#changed = changed
    void this.#ask()
  }

  /** The last answer, for people: `GET /ready answered 503`. */
  get lastAnswer(): string {
    return `GET ${this.#settings.path} ${this.#last}`
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async #ask(): Promise<void> {
    const problem = await ask(this.#port, this.#settings)
    if (this.#stopped) return
    this.#last = problem ?? 'succeeded'
    this.#count(problem === undefined)
    if (this.#stopped) return
    const { intervalMs } = this.#settings
    this.#timer = setTimeout(
      () => void this.#ask(),
      this.#wasGood ? intervalMs : Math.min(intervalMs, EAGER_INTERVAL_MS),
    )
  }

  #count(success: boolean): void {
    if (success === this.#good) {
      this.#inARow = 0
      return
    }
    this.#inARow += 1
    if (this.#inARow < (success ? this.#settings.successes : this.#settings.failures)) return
    this.#inARow = 0
    this.#good = success
    this.#wasGood ||= success
    this.#changed(success)
  }
}

/** Asks once, on a connection of its own. Undefined if it succeeded, else what was wrong. */
function ask(port: number, { path, timeoutMs }: ProbeSettings): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port, path, agent: false, headers: { 'user-agent': 'tuesday-probe' } },
      (response) => {
        const status = response.statusCode ?? 0
        response.resume()
        response.once('close', () => {
          clearTimeout(timer)
          if (!response.complete) resolve('broke off its answer')
          else resolve(status >= 200 && status < 400 ? undefined : `answered ${status}`)
        })
      },
    )
    const timer = setTimeout(
      () => request.destroy(new Error(`did not answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
    request.once('error', (error) => {
      clearTimeout(timer)
      resolve(error.message)
    })
  })
}
