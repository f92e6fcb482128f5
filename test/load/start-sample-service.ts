import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type SampleServiceOptions = {
  version: string
  /** 0, or left out: any that is free. */
  port?: number
  journal?: string
  /** Faults (`release-traits.ts`), DATABASE_URL and the like. */
  env?: Record<string, string>
}

export type SampleService = {
  url: string
  pid: number
  /** The end of what it has printed. */
  log(): string
  /** Asks it to drain and exit, and returns its exit code. */
  stop(): Promise<number | null>
  /** Kills it in the middle of everything. */
  kill(): Promise<void>
}

/**
 * Starts the sample service in a process of its own and returns when it listens (it may not be ready yet).
 *
 * @throws an Error with what it printed if it ends before it listens.
 */
export async function startSampleService(options: SampleServiceOptions): Promise<SampleService> {
  const server = fileURLToPath(new URL('../sample-service/server.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', server], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      VERSION: options.version,
      PORT: String(options.port ?? 0),
      ...(options.journal === undefined ? {} : { JOURNAL: options.journal }),
      ...options.env,
    },
  })
  // Nothing that a test starts may outlive it.
  const killed = () => void child.kill('SIGKILL')
  process.once('exit', killed)
  const ended = once(child, 'close').then(([code]) => {
    process.removeListener('exit', killed)
    return code as number | null
  })
  let said = ''
  child.stderr.on('data', (piece: Buffer) => (said = (said + String(piece)).slice(-4_000)))
  const listens = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      said = `${said}${line}\n`.slice(-4_000)
      const url = / listens on (\S+)/.exec(line)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
  const broken = ended.then((code): never => {
    throw new Error(`the sample service ended with ${code}: ${said}`)
  })
  broken.catch(() => undefined)
  const url = await Promise.race([listens, broken])
  return {
    url,
    pid: child.pid ?? 0,
    log: () => said,
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
