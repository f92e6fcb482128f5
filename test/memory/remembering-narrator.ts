import type { Narrator, Wait } from '../../src/rollout/ports/narrator.js'

/** Keeps what it is told, so that a test can ask for it. */
export class RememberingNarrator implements Narrator {
  readonly lines: string[] = []

  say(line: string): void {
    this.lines.push(line)
  }

  notice(line: string): void {
    this.lines.push(`notice: ${line}`)
  }

  warn(line: string): void {
    this.lines.push(`warning: ${line}`)
  }

  waiting(what: string, limitMs: number): Wait {
    this.lines.push(`waiting for ${what}, at most ${limitMs / 1000} s`)
    return { progress: () => undefined, done: () => undefined }
  }
}
