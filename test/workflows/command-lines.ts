import { spawnSync } from 'node:child_process'

/** How often the processes of the machine are listed, in milliseconds. */
const EVERY_MS = 250

/** Everybody on a machine can read the command lines of everybody's processes: what appeared there while it watched. */
export function watchCommandLines(): {
  thatContain(texts: readonly string[]): readonly string[]
  stop(): void
} {
  const seen = new Set<string>()
  const look = (): void => {
    const { stdout } = spawnSync('ps', ['-axww', '-o', 'command='], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    for (const line of stdout.split('\n')) seen.add(line)
  }
  look()
  const timer = setInterval(look, EVERY_MS)
  return {
    thatContain: (texts) => [...seen].filter((line) => texts.some((text) => line.includes(text))),
    stop: () => clearInterval(timer),
  }
}
