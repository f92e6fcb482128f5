import { createServer } from 'node:net'

/**
 * Below the range from which systems take ports for outgoing connections (Linux 32768 and up, macOS 49152 and up): a
 * port from there can be taken by any client's connection between the moment it is chosen and the moment it is bound.
 */
const LOWEST = 20_000
const HIGHEST = 32_000
const TRIES = 200

/** A TCP port of this address that nobody listens on now and that is not among those taken. */
export async function freePort(host: string, taken: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
    if (!taken.has(port) && (await canListen(host, port))) return port
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST} on ${host} was found in ${TRIES} tries`)
}

/** Whether the port could be bound right now. */
export function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
