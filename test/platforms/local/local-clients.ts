import { Agent, request } from 'node:http'
import type { Side } from '../../../src/rollout/place.js'

interface Visit {
  readonly side: Side
  readonly cookies: readonly string[]
}

/** Clients of one public address, who say which side of the tiny service answered them. */
export class LocalClients {
  readonly #address: URL
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 })

  constructor(address: URL) {
    this.#address = address
  }

  /** Newcomers without cookies. */
  async ask(count: number, header?: { readonly name: string; readonly value: string }): Promise<Side[]> {
    const headers = header === undefined ? {} : { [header.name]: header.value }
    const visits = await Promise.all(Array.from({ length: count }, () => this.#visit('/', headers)))
    return visits.map(({ side }) => side)
  }

  /** Somebody with a cookie jar. */
  returningClient(): () => Promise<Side> {
    const jar = new Map<string, string>()
    return async () => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
      const { side, cookies } = await this.#visit('/', cookie === '' ? {} : { cookie })
      for (const each of cookies) {
        const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(each) ?? []
        jar.set(name, value)
      }
      return side
    }
  }

  async slowRequest(ms: number): Promise<boolean> {
    return this.#visit(`/slow?ms=${ms}`, {}).then(
      () => true,
      () => false,
    )
  }

  /** Asks for something that the tiny service may answer with a failure; the status is not looked at. */
  async order(path: string): Promise<void> {
    await this.#visit(path, {})
  }

  close(): void {
    this.#agent.destroy()
  }

  #visit(path: string, headers: Record<string, string>): Promise<Visit> {
    return new Promise((resolve, reject) => {
      const asked = request(new URL(path, this.#address), { agent: this.#agent, headers }, (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.once('error', reject)
        response.once('end', () => {
          const text = Buffer.concat(pieces).toString('utf8')
          try {
            const { slot } = JSON.parse(text) as { slot: Side }
            resolve({ side: slot, cookies: response.headers['set-cookie'] ?? [] })
          } catch {
            reject(new Error(`${response.statusCode}: ${text}`))
          }
        })
      })
      asked.once('error', reject)
      asked.end()
    })
  }
}
