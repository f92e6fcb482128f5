import { endGroup, info, startGroup } from '@actions/core'
import { formatDuration } from '../rollout/duration.js'
import type { Clock } from '../rollout/ports/clock.js'
import type { Narrator, Wait } from '../rollout/ports/narrator.js'
import type { Annotations } from './annotations.js'
import type { Masks } from './masks.js'
import { cutTo, onOneLine } from './plain-text.js'
import { printable } from './printable.js'

/** A wait is never silent for longer than this, in milliseconds. */
const HEARTBEAT_MS = 10_000

/** News of a wait are printed no more often than this at first; long waits speak less often. */
const SHORTEST_GAP_MS = 1_000

/** An answer of a server may be a page; nobody reads more of it than this many characters. */
const SAYING_LIMIT = 16_384

/** Tells people in the log of the step what happens, while it happens. */
export class LogNarrator implements Narrator {
  readonly #clock: Clock
  readonly #masks: Masks
  readonly #annotations: Annotations
  readonly #waits = new Set<LogWait>()
  #inGroup = false

  constructor(clock: Clock, masks: Masks, annotations: Annotations) {
    this.#clock = clock
    this.#masks = masks
    this.#annotations = annotations
  }

  say(line: string): void {
    info(cutTo(printable(line, this.#masks), SAYING_LIMIT))
  }

  notice(line: string): void {
    this.#annotations.notice(line)
  }

  warn(line: string): void {
    this.#annotations.warning(line)
  }

  /** Starts a group of lines that readers can fold; GitHub knows no groups in groups, so it ends the one before. */
  phase(title: string): void {
    this.endPhase()
    startGroup(onOneLine(printable(title, this.#masks)))
    this.#inGroup = true
  }

  /** What comes now is seen without unfolding anything. A wait that failed ends with its phase, and is told inside of it. */
  endPhase(): void {
    for (const wait of this.#waits) wait.done()
    if (this.#inGroup) endGroup()
    this.#inGroup = false
  }

  waiting(what: string, limitMs: number): Wait {
    const wait = new LogWait(
      this.#clock,
      (line) => this.say(line),
      what,
      limitMs,
      () => this.#waits.delete(wait),
    )
    this.#waits.add(wait)
    return wait
  }

  /** Ends everything that is still going on, so that nothing keeps the process alive. */
  close(): void {
    this.endPhase()
  }
}

/** One wait: its news when there are some, and a sign of life when there are none (traps 20, 28). */
class LogWait implements Wait {
  readonly #clock: Clock
  readonly #say: (line: string) => void
  readonly #what: string
  readonly #limitMs: number
  readonly #ended: () => void
  readonly #over = new AbortController()
  readonly #startMs: number
  #spokenMs: number
  #detail = ''
  #spokenDetail = ''

  constructor(clock: Clock, say: (line: string) => void, what: string, limitMs: number, ended: () => void) {
    this.#clock = clock
    this.#say = say
    this.#what = what
    this.#limitMs = limitMs
    this.#ended = ended
    this.#startMs = clock.monotonicMs()
    this.#spokenMs = this.#startMs
    say(`Waiting for ${what}, at most ${formatDuration(limitMs)}`)
    void this.#beat()
  }

  progress(detail: string): void {
    this.#detail = detail
    if (detail === this.#spokenDetail || this.#over.signal.aborted) return
    if (this.#clock.monotonicMs() - this.#spokenMs >= this.#gapMs()) this.#speak()
  }

  done(): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    this.#ended()
    const took = formatDuration(this.#elapsedMs())
    this.#say(`  waited ${took}${this.#detail === '' ? '' : `: ${this.#detail}`}`)
  }

  async #beat(): Promise<void> {
    const { signal } = this.#over
    while (!signal.aborted) {
      const silentMs = this.#clock.monotonicMs() - this.#spokenMs
      if (silentMs >= HEARTBEAT_MS) this.#speak()
      else await this.#clock.sleep(HEARTBEAT_MS - silentMs, signal)
    }
  }

  #speak(): void {
    this.#spokenMs = this.#clock.monotonicMs()
    this.#spokenDetail = this.#detail
    const news = this.#detail === '' ? `still waiting for ${this.#what}` : this.#detail
    this.#say(`  ${formatDuration(this.#elapsedMs())} of at most ${formatDuration(this.#limitMs)}: ${news}`)
  }

  #elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startMs
  }

  /** A twentieth of the time waited so far: lively at first, calm in a long hold. */
  #gapMs(): number {
    return Math.min(HEARTBEAT_MS, Math.max(SHORTEST_GAP_MS, this.#elapsedMs() / 20))
  }
}
