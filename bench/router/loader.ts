import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Ask, Count } from './closed-loop.ts'

/** The load generator's process. */
export class Loader {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, 'closed-loop.ts'))

  async run(ask: Ask): Promise<Count> {
    const answered = once(this.#child, 'message')
    this.#child.send(ask)
    const [count] = (await answered) as [Count]
    return count
  }

  close(): void {
    this.#child.disconnect()
  }
}

/** The proxy to compare with, in a process of its own; resolves with its port and how to end it. */
export async function startPassThrough(servicePort: number): Promise<{ port: number; close(): void }> {
  const file = join(import.meta.dirname, '..', 'pass-through-proxy.ts')
  const child = spawn(process.execPath, [file, String(servicePort)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { port: Number(line), close: () => void child.kill() }
}
