import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program to measure: its arguments, where it runs, and all of its environment. */
export interface Program {
  readonly file: string
  readonly arguments: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Node tells nobody what a child has cost; every bash does. The program runs in the background, so that its process
 * id is known without another process in between, and `times` gives user and system time of everything waited for.
 */
const script = '"$@" >"$LOG" 2>&1 & echo "$!"; wait "$!"; times'

/** `0m0.041s 0m0.012s` as milliseconds, both together. */
const milliseconds = (line: string): number =>
  [...line.matchAll(/(\d+)m([\d.,]+)s/g)].reduce(
    (sum, [, minutes = '', seconds = '']) =>
      sum + Number(minutes) * 60_000 + Number(seconds.replace(',', '.')) * 1000,
    0,
  )

/**
 * Milliseconds of CPU, user and system, of a program and the children it waited for, from its start to its end.
 * `started` is told the process id, and may end the program earlier. What it prints goes to the file `log`.
 */
export const cpuTime = async (
  program: Program,
  log: string,
  started: (pid: number) => void = () => {},
): Promise<number> => {
  const shell = spawn('bash', ['-c', script, 'bash', program.file, ...program.arguments], {
    cwd: program.directory,
    env: { ...program.environment, LOG: log, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const lines: string[] = []
  for await (const line of createInterface({ input: shell.stdout })) {
    if (lines.length === 0) started(Number(line))
    lines.push(line)
  }
  const ofChildren = lines[2]
  if (ofChildren === undefined) throw new Error(`bash told no times: ${lines.join(' / ')}`)
  return milliseconds(ofChildren)
}
