import { describe, expect, it } from '@jest/globals'
import { markedAt } from './moments.js'
import { share } from './share.js'
import { evidenceOf, get, proxyError, sticky } from './written-by-hand.js'

describe('the share of a version', () => {
  it('counts requests without cookies that were sent in the time, its own errors included', () => {
    const rows = [
      get({ sent: 99, version: 'new' }),
      get({ sent: 100, version: 'new', error: 'status 500', status: 500 }),
      get({ sent: 120, kind: 'new-connection' }),
      get({ sent: 150 }),
      get({ sent: 199 }),
      get({ sent: 200, version: 'new' }),
    ]
    const { record } = evidenceOf(rows, { startedAt: 1_000 })
    expect(share(record, 'new', { from: 1_100, to: 1_200 })).toEqual({
      requests: 4,
      ofVersion: 1,
      percent: 25,
    })
    expect(share(record, 'new', { from: 1_200 })).toEqual({ requests: 1, ofVersion: 1, percent: 100 })
  })

  it('leaves out who stays where it is, who was not answered, and the control', () => {
    const rows = [
      sticky(0, 10, 'new'),
      get({ kind: 'slow', version: 'new' }),
      get({ kind: 'websocket', version: 'new' }),
      get({ side: 'control', version: 'new' }),
      proxyError(502),
    ]
    expect(share(evidenceOf(rows).record, 'new', { from: 0 })).toEqual({
      requests: 0,
      ofVersion: 0,
      percent: null,
    })
  })
})

it('a mark is found by its name, and a wrong name is answered with those that there are', () => {
  const { record } = evidenceOf([], { startedAt: 1_000, marks: [{ name: 'at 25 %', at: 20 }] })
  expect(markedAt(record, 'at 25 %')).toBe(1_020)
  expect(() => markedAt(record, 'at 50 %')).toThrow('no mark "at 50 %" in the record, only "at 25 %"')
})
