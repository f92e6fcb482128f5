import { createServer } from 'node:net'

/** Below the range from which systems take ports for outgoing connections: a load would take one from there before it is bound. */
const LOWEST = 20_000
const HIGHEST = 32_000

/** A port of 127.0.0.1 on which nobody listens now, and that no outgoing connection is given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
    if (await canListen(port)) return port
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
