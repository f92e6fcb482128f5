import { EventEmitter } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { listenForCancellation } from '../../src/workflow/cancellation.js'

/** Only signals arrive here; what a real process does with them is shown by run-action.test.ts. */
class Signals extends EventEmitter {
  exit(): never {
    throw new Error('ended')
  }
}

describe('cancellation', () => {
  it('tells what is at work once, however often the signal comes', () => {
    const [signals, said] = [new Signals(), [] as string[]]
    const { signal, dispose } = listenForCancellation({
      process: signals,
      say: (line) => said.push(line),
      lastWords: () => Promise.resolve(),
    })
    expect(signal.aborted).toBe(false)
    signals.emit('SIGINT')
    signals.emit('SIGINT')
    expect(signal.aborted).toBe(true)
    expect(said).toEqual([expect.stringContaining('The job is cancelled')])
    dispose()
  })

  it('SIGTERM alone cancels too', () => {
    const signals = new Signals()
    let last = 0
    const { signal, dispose } = listenForCancellation({
      process: signals,
      say: () => undefined,
      lastWords: () => {
        last += 1
        return Promise.resolve()
      },
    })
    signals.emit('SIGTERM')
    signals.emit('SIGTERM')
    expect({ aborted: signal.aborted, last }).toEqual({ aborted: true, last: 1 })
    dispose()
  })

  it('listens no more once the work is over', () => {
    const signals = new Signals()
    listenForCancellation({
      process: signals,
      say: () => undefined,
      lastWords: () => Promise.resolve(),
    }).dispose()
    expect(signals.eventNames()).toEqual([])
  })
})
