/** One process of a step: its output by lines, its end, and the way GitHub cancels it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'

/** How long a cancelled process gets. GitHub's: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL (trap 37). */
export interface CancelGrace {
  sigtermAfterMs: number
  sigkillAfterMs: number
}

export const githubsGrace: CancelGrace = { sigtermAfterMs: 7_500, sigkillAfterMs: 2_500 }

/** The runner waits this long for output after the process has ended: a child may hold the pipe open. */
const waitForOutputMs = 5_000

export interface ProcessOrder {
  file: string
  args: string[]
  cwd: string
  env: Record<string, string>
  grace: CancelGrace
  /** Aborted: the process is cancelled. */
  cancel: AbortSignal
  /** Each line of stdout and stderr, in the order of arrival. */
  onLine: (line: string) => void
  /** The process runs; `kill` sends it, and it alone, a signal. */
  onStart: (pid: number, kill: (signal: NodeJS.Signals) => void) => void
}

export interface ProcessEnd {
  /** As a shell tells it: 128 + signal for a process that was killed. */
  exitCode: number
  signal: NodeJS.Signals | null
}

/** Runs a process to its end. Rejects only if it cannot be started. */
export async function runProcess(order: ProcessOrder): Promise<ProcessEnd> {
  const child = spawn(order.file, order.args, {
    cwd: order.cwd,
    env: order.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  readLines(child.stdout, order.onLine)
  readLines(child.stderr, order.onLine)
  const ended = endOf(child)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal)
  order.onStart(child.pid ?? 0, kill)
  const stopCancelling = cancelOn(order.cancel, order.grace, kill)
  try {
    return await ended
  } finally {
    stopCancelling()
  }
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const finish = (): void => {
        clearTimeout(timer)
        child.stdout?.destroy()
        child.stderr?.destroy()
        resolve({ exitCode: code ?? 128 + signalNumber(signal), signal })
      }
      const timer = setTimeout(finish, waitForOutputMs)
      child.once('close', finish)
    })
  })
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }
  return (signal && numbers[signal]) ?? 0
}

function cancelOn(
  cancel: AbortSignal,
  grace: CancelGrace,
  kill: (signal: NodeJS.Signals) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  const start = (): void => {
    kill('SIGINT')
    timer = setTimeout(() => {
      kill('SIGTERM')
      timer = setTimeout(() => kill('SIGKILL'), grace.sigkillAfterMs)
    }, grace.sigtermAfterMs)
  }
  if (cancel.aborted) start()
  else cancel.addEventListener('abort', start, { once: true })
  return () => {
    cancel.removeEventListener('abort', start)
    clearTimeout(timer)
  }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  stream.once('close', () => {
    rest += decoder.end()
    if (rest !== '') onLine(rest)
  })
}
