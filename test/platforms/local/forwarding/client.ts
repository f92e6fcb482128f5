import { Agent, request, type IncomingHttpHeaders } from 'node:http'

import { bodyOf } from './replica-server.js'

export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
  readonly trailers: NodeJS.Dict<string>
}

export interface Asking {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly agent?: Agent
}

/** One request and its complete answer; rejects when the answer is not complete. */
export async function ask(port: number, asking: Asking = {}): Promise<Received> {
  const { promise, resolve, reject } = Promise.withResolvers<Received>()
  const sent = request(
    {
      host: '127.0.0.1',
      port,
      method: asking.method ?? 'GET',
      path: asking.path ?? '/',
      headers: { ...asking.headers },
      agent: asking.agent ?? false,
    },
    (answer) => {
      bodyOf(answer).then(
        (body) =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            rawHeaders: answer.rawHeaders,
            body,
            trailers: answer.trailers,
          }),
        reject,
      )
    },
  )
  sent.on('error', reject)
  sent.end(asking.body)
  return promise
}

/** A client with a cookie jar for one cookie and, if it is kept alive, one connection. */
export class Client {
  private readonly port: number
  private readonly agent: Agent
  cookie: string | undefined

  constructor(port: number, keepAlive = true) {
    this.port = port
    this.agent = new Agent({ keepAlive, maxSockets: 1 })
  }

  async ask(asking: Asking = {}): Promise<Received> {
    const headers = { ...asking.headers, ...(this.cookie === undefined ? {} : { cookie: this.cookie }) }
    const received = await ask(this.port, { ...asking, headers, agent: this.agent })
    const set = received.headers['set-cookie']?.find((cookie) => cookie.startsWith('tuesday-bucket='))
    if (set !== undefined) this.cookie = set.split(';')[0]
    return received
  }

  close(): void {
    this.agent.destroy()
  }
}

/** Does `work` for 0 to `count` − 1, at most `width` at a time; answers in order. */
export async function each<Result>(
  count: number,
  width: number,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      results[index] = await work(index)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}
