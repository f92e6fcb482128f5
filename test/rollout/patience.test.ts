import { describe, expect, it } from '@jest/globals'
import { patiently } from '../../src/rollout/patience.js'
import { TransientError } from '../../src/rollout/ports/transient-error.js'
import { UserError } from '../../src/rollout/user-error.js'
import { RememberingNarrator } from '../memory/remembering-narrator.js'
import { VirtualClock } from '../memory/virtual-clock.js'

/** A port that answers as it is told, call by call, and notes when it was asked. */
class Fickle {
  readonly name = 'fickle'
  readonly askedAt: number[] = []
  readonly #clock: VirtualClock
  readonly #answers: readonly (Error | string)[]

  constructor(clock: VirtualClock, answers: readonly (Error | string)[]) {
    this.#clock = clock
    this.#answers = answers
  }

  async ask(): Promise<string> {
    const answer = this.#answers[Math.min(this.askedAt.length, this.#answers.length - 1)] ?? ''
    this.askedAt.push(this.#clock.monotonicMs())
    if (typeof answer !== 'string') throw answer
    return answer
  }

  atOnce(): string {
    return `said by ${this.name}`
  }
}

function stageWith(answers: readonly (Error | string)[], limitMs = 120_000) {
  const clock = new VirtualClock()
  const narrator = new RememberingNarrator()
  const fickle = new Fickle(clock, answers)
  const cancel = new AbortController()
  const signal = (): AbortSignal => cancel.signal
  return {
    clock,
    narrator,
    fickle,
    cancel,
    port: patiently('api', fickle, { clock, narrator, signal, limitMs }),
  }
}

const busy = new TransientError('503 from the target')

describe('patience with a port', () => {
  it('asks again with growing pauses until it answers, and says so', async () => {
    const { port, fickle, narrator } = stageWith([busy, busy, busy, 'there'])
    expect(await port.ask()).toBe('there')
    expect(fickle.askedAt).toEqual([0, 200, 600, 1_400])
    expect(narrator.lines[0]).toBe('api.ask: 503 from the target; asking again in 1 s')
  })

  it('stays away for as long as the target asks (Retry-After, trap 31)', async () => {
    const { port, fickle } = stageWith([new TransientError('429', { retryAfterMs: 7_000 }), 'there'])
    await port.ask()
    expect(fickle.askedAt).toEqual([0, 7_000])
  })

  it('never pauses for longer than ten seconds of its own accord', async () => {
    const { port, fickle } = stageWith([...Array<Error>(12).fill(busy), 'there'])
    await port.ask()
    const pauses = fickle.askedAt.slice(1).map((at, i) => at - (fickle.askedAt[i] ?? 0))
    expect(Math.max(...pauses)).toBe(10_000)
  })

  it('gives up when its limit is over, naming the call, the time and the cause (trap 20)', async () => {
    const { port, clock } = stageWith([busy], 30_000)
    const failure = await port.ask().catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(UserError)
    expect(String(failure)).toContain('api.ask did not answer within 30s: 503 from the target')
    expect(clock.monotonicMs()).toBe(30_000)
  })

  it('honours its limit although the target asks for more', async () => {
    const { port, clock } = stageWith([new TransientError('429', { retryAfterMs: 3_600_000 })], 30_000)
    await expect(port.ask()).rejects.toThrow('did not answer within 30s')
    expect(clock.monotonicMs()).toBe(30_000)
  })

  it('throws what asking again cannot mend at once', async () => {
    const { port, fickle } = stageWith([new UserError('403 forbidden'), 'there'])
    await expect(port.ask()).rejects.toThrow('403 forbidden')
    expect(fickle.askedAt).toHaveLength(1)
  })

  it('ends at once when the job is cancelled', async () => {
    const { port, clock, cancel } = stageWith([new TransientError('429', { retryAfterMs: 60_000 })])
    const asked = port.ask()
    const failed = expect(asked).rejects.toThrow('did not answer')
    await clock.sleep(1_000)
    cancel.abort()
    await failed
    expect(clock.monotonicMs()).toBe(1_000)
  })

  it('leaves values and calls that answer at once alone', () => {
    const { port } = stageWith([])
    expect(port.name).toBe('fickle')
    expect(port.atOnce()).toBe('said by fickle')
  })
})
