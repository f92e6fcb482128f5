/**
 * A local HTTP server that plays the part of GitHub's REST API that a rollout needs, and its refusals. Written from
 * docs.github.com/rest; bodies are held against GitHub's published model; it shares nothing with the code under test.
 *
 * ```ts
 * const api = await startGitHubApi({ 'acme/shop': { commits: { c1: [], c2: ['c1'] }, refs: { 'refs/heads/main': 'c2' } } })
 * const token = api.tokens.issue('acme/shop', { deployments: 'write', contents: 'read' })
 * api.faults.add({ kind: 'secondary-rate-limit', method: 'POST', path: /deployments$/, times: 1 })
 * … apiUrl: api.url, idToken: { url: api.oidcUrl, token: api.oidc.requestTokenFor({ … }) } …
 * api.repository('acme/shop').deployments      // what it stored
 * api.requests                                  // every request: method, path, body, status answered, whose token
 * await api.stop()                              // throws if something was asked that it does not play
 * ```
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { invalidRequest, notFound, refusal, type Answer } from './answer.ts'
import { answerOf, Faults, type Fault } from './faults.ts'
import { OidcTokens } from './oidc-tokens.ts'
import { problemsOfBody } from './request-models.ts'
import { routes } from './routes.ts'
import { StoredRepository, type RepositoryOptions } from './stored-repository.ts'
import { Tokens } from './tokens.ts'

export interface RecordedRequest {
  method: string
  /** Without the query. */
  path: string
  query: Record<string, string>
  body: unknown
  userAgent: string
  authorization: string | undefined
  /** What was answered; 0 when the connection was cut. */
  status: number
}

export interface GitHubApiOptions {
  /** Each answer takes at least this long. Default 5 ms: nothing on the network is immediate. */
  delayMs?: number
  /** For so long lists do not show what was just made. Default 0. */
  staleForMs?: number
}

export interface GitHubApi {
  /** For GITHUB_API_URL. */
  url: string
  /** For ACTIONS_ID_TOKEN_REQUEST_URL. */
  oidcUrl: string
  tokens: Tokens
  oidc: OidcTokens
  faults: Faults
  requests: readonly RecordedRequest[]
  /** Throws if there is none of that name. */
  repository: (name: string) => StoredRepository
  /** Ends the server and every connection. Throws if something was asked that GitHub has and this server does not play. */
  stop: () => Promise<void>
}

/** Starts the server on loopback with these repositories. */
export async function startGitHubApi(
  repositories: Record<string, RepositoryOptions>,
  options: GitHubApiOptions = {},
): Promise<GitHubApi> {
  const state = new GitHubState(repositories, options)
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => void state.serve(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  state.url = await listen(server)
  return {
    url: state.url,
    oidcUrl: `${state.url}/oidc/token?api-version=2.0`,
    tokens: state.tokens,
    oidc: state.oidc,
    faults: state.faults,
    requests: state.requests,
    repository: (name) => state.repository(name),
    stop: async () => {
      state.stopped.abort()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      if (state.unknown.length > 0) throw new Error(`This GitHub does not play: ${state.unknown.join('; ')}`)
    },
  }
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('The server has no port')
      resolve(`http://127.0.0.1:${address.port}`)
    })
  })
}

class GitHubState {
  readonly tokens = new Tokens()
  readonly oidc = new OidcTokens()
  readonly faults = new Faults()
  readonly requests: RecordedRequest[] = []
  readonly unknown: string[] = []
  readonly stopped = new AbortController()
  url = ''
  readonly #repositories: Map<string, StoredRepository>
  readonly #options: GitHubApiOptions

  constructor(repositories: Record<string, RepositoryOptions>, options: GitHubApiOptions) {
    const stored = Object.entries(repositories).map(([name, each]) => new StoredRepository(name, each))
    this.#repositories = new Map(stored.map((repository) => [repository.name.toLowerCase(), repository]))
    this.#options = options
  }

  repository(name: string): StoredRepository {
    const found = this.#repositories.get(name.toLowerCase())
    if (found === undefined) throw new Error(`There is no repository ${name}`)
    return found
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request
    const url = new URL(request.url ?? '/', this.url)
    const text = await bodyOf(request)
    const record: RecordedRequest = {
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: parse(text),
      userAgent: headers['user-agent'] ?? '',
      authorization: headers.authorization,
      status: 0,
    }
    this.requests.push(record)
    const fault = this.faults.take(method, url.pathname)
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy()
    await this.#pause((this.#options.delayMs ?? 5) + (fault?.delayMs ?? 0))
    const answer = (fault && answerOf(fault)) ?? this.#answer(record, url)
    if (fault?.kind === 'reset-after') return void request.socket.resetAndDestroy()
    record.status = answer.status
    send(response, answer, fault)
  }

  /** Ends early when the server is stopped: its connections are gone by then. */
  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopped.signal }).catch(() => undefined)
  }

  #answer(record: RecordedRequest, url: URL): Answer {
    const { method, path, authorization } = record
    if (path === '/oidc/token') return this.oidc.answer(authorization, url.searchParams, `${this.url}/oidc`)
    if (path === '/oidc/.well-known/jwks') return this.oidc.jwks()
    if (record.userAgent === '') {
      return refusal(
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header',
      )
    }
    const route = routes.find((candidate) => candidate.method === method && candidate.path.test(path))
    if (route === undefined) {
      this.unknown.push(`${method} ${path}`)
      return refusal(501, `This server plays no ${method} ${path}`)
    }
    const [, name = '', ...parts] = route.path.exec(path) ?? []
    const repository = this.#repositories.get(name.toLowerCase())
    if (repository === undefined) return notFound()
    const refused = this.tokens.refuse(authorization, repository.name, route.needs)
    if (refused !== undefined) return refused
    const body = record.body ?? {}
    if (!isObject(body)) return refusal(400, 'Problems parsing JSON')
    const problems = route.model === undefined ? [] : problemsOfBody(body, route.model)
    if (problems.length > 0) return invalidRequest(problems, route.page)
    return route.answer({
      repository,
      // Clients write the slashes of a ref as %2F.
      parts: parts.map(decodeURIComponent),
      query: url.searchParams,
      body,
      now: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      base: `${this.url}/repos/${repository.name}`,
      staleForMs: this.#options.staleForMs ?? 0,
    })
  }
}

function send(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const { status, body, headers } = answer
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'x-github-media-type': 'github.v3; format=json',
    ...headers,
  })
  if (fault?.kind !== 'truncated') return void response.end(text)
  response.write(text.slice(0, text.length / 2), () => response.socket?.resetAndDestroy())
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** A body that is not JSON is kept as its text; the routes refuse it. */
function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
