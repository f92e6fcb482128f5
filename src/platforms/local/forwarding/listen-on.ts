import type { ListenOptions, Server } from 'node:net'

/** Listens, and resolves when it does. Rejects with the system's error: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
export function listenOn(server: Server, options: ListenOptions & { reusePort?: boolean }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
