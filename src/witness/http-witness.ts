import type http from 'node:http'
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { Testimony, VersionMark, Visitor, Witness } from '../rollout/ports/witness.js'
import { messageOf } from '../rollout/user-error.js'
import { versionIn } from './version-mark.js'

export interface HttpWitnessSettings {
  readonly url: URL
  readonly version: VersionMark
}

/** From the request to the end of the answer; what takes longer is a testimony without a version. */
const TIMEOUT_MS = 5_000

/** Connections kept of the first newcomers that each version answered: whom the core asks to come back. */
const KEPT_PER_VERSION = 3
/** Versions of which connections are kept: stable, candidate, and one that is on its way out. */
const KEPT_VERSIONS = 3

/**
 * Asks over HTTP as clients do. Every newcomer comes on a connection of its own and without cookies. A returning
 * visitor comes with its cookie, and on the connection that earned it if that is still there: a balancer may hold
 * on to either. Node's HTTP is loaded by the first question, since most steps ask none.
 */
export class HttpWitness implements Witness {
  readonly address: string
  readonly #settings: HttpWitnessSettings
  /** Connections of visitors that may come back, by the cookie that they earned. */
  readonly #kept = new Map<string, Agent>()
  readonly #keptOf = new Map<string, number>()

  constructor(settings: HttpWitnessSettings) {
    this.#settings = settings
    this.address = settings.url.origin
  }

  async ask(as: Visitor, signal: AbortSignal): Promise<Testimony> {
    const kept = as.kind === 'returning' ? this.#kept.get(as.cookie) : undefined
    try {
      if (kept !== undefined) return await this.#askOn(kept, as, signal)
    } catch (thrown) {
      // A connection that was closed while it was kept says nothing of the service: browsers open another one too.
      if (!isClosedConnection(thrown) || signal.aborted) return silent(thrown)
    }
    try {
      return await this.#askOn(this.#newConnection(), as, signal)
    } catch (thrown) {
      return silent(thrown)
    }
  }

  async #askOn(agent: Agent, as: Visitor, signal: AbortSignal): Promise<Testimony> {
    try {
      const testimony = await this.#answer(agent, as.kind === 'returning' ? as.cookie : undefined, signal)
      this.#keepOrClose(agent, as, testimony)
      return testimony
    } catch (thrown) {
      agent.destroy()
      throw thrown
    }
  }

  #keepOrClose(agent: Agent, as: Visitor, { version, cookie }: Testimony): void {
    if (as.kind === 'returning') {
      this.#kept.set(as.cookie, agent)
      return
    }
    if (version !== undefined && cookie !== undefined && this.#mayKeep(version)) {
      this.#keptOf.set(version, (this.#keptOf.get(version) ?? 0) + 1)
      this.#kept.set(cookie, agent)
    } else agent.destroy()
  }

  #mayKeep(version: string): boolean {
    const kept = this.#keptOf.get(version)
    return kept === undefined ? this.#keptOf.size < KEPT_VERSIONS : kept < KEPT_PER_VERSION
  }

  /** An agent that holds one connection, opened by its first request. One that is idle keeps no step alive. */
  #newConnection(): Agent {
    return new (this.#http().Agent)({ keepAlive: true, maxSockets: 1 })
  }

  #http(): Pick<typeof http, 'Agent' | 'request'> {
    return process.getBuiltinModule(this.#settings.url.protocol === 'https:' ? 'node:https' : 'node:http')
  }

  async #answer(agent: Agent, cookie: string | undefined, signal: AbortSignal): Promise<Testimony> {
    const { url, version: mark } = this.#settings
    const headers = { accept: '*/*', 'user-agent': 'tuesday', ...(cookie === undefined ? {} : { cookie }) }
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const options: RequestOptions = { agent, headers, signal }
    const asked: ClientRequest = this.#http().request(url, options, resolve)
    const late = new Error(`no complete answer within ${TIMEOUT_MS / 1_000} s`)
    let answer: IncomingMessage | undefined
    const timer = setTimeout(() => (answer ?? asked).destroy(late), TIMEOUT_MS)
    asked.on('error', reject)
    asked.end()
    try {
      answer = await promise
      const version = await versionIn(answer, mark)
      const cookie = cookieOf(answer)
      if (version !== undefined) return { version, cookie }
      const failed = (answer.statusCode ?? 0) >= 500
      return { version, cookie, problem: nothingFound(answer, mark), ...(failed && { failed }) }
    } finally {
      clearTimeout(timer)
    }
  }
}

function silent(thrown: unknown): Testimony {
  return { version: undefined, cookie: undefined, failed: true, problem: messageOf(thrown) }
}

function isClosedConnection(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false
  return thrown.code === 'ECONNRESET' || thrown.code === 'EPIPE'
}

function nothingFound(answer: IncomingMessage, mark: VersionMark): string {
  const where = mark.kind === 'header' ? `the header ${mark.name}` : mark.path
  return `an answer with status ${answer.statusCode ?? 0} has no version at ${where}`
}

/** All cookies that an answer set, as they are sent back; those that it takes away are none. */
function cookieOf(answer: IncomingMessage): string | undefined {
  const cookies = (answer.headers['set-cookie'] ?? [])
    .filter((cookie) => !/;\s*max-age=(0|-\d+)\s*(;|$)/i.test(cookie))
    .map((cookie) => cookie.split(';')[0] ?? '')
  return cookies.length === 0 ? undefined : cookies.join('; ')
}
