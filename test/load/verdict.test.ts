import { describe, expect, it } from '@jest/globals'
import type { Entry } from './order-journal.js'
import { evidenceOf, get, post, proxyError } from './written-by-hand.js'
import { verdict } from './verdict.js'

const bad = [{ version: 'bad' }]
const entry = (id: string, version = 'good'): Entry => ({ id, version, pid: 1, status: 201 })

describe('a request is answered', () => {
  it('when a complete and correct answer came in time', () => {
    expect(verdict(evidenceOf([get()]))).toMatchObject({
      sent: 1,
      answered: 1,
      forgiven: 0,
      lost: 0,
      void: [],
    })
  })

  it('just in time, counted from when it was due and not from when it was sent', () => {
    const inTime = get({ due: 0, sent: 50, done: 5_000 })
    const late = get({ due: 0, sent: 50, done: 5_001 })
    expect(verdict(evidenceOf([inTime]))).toMatchObject({ answered: 1, lost: 0 })
    expect(verdict(evidenceOf([late]))).toMatchObject({ answered: 0, lost: 1, unanswered: [late] })
  })

  it('later, if it was a slow request', () => {
    expect(verdict(evidenceOf([get({ kind: 'slow', done: 10_900 })]))).toMatchObject({ answered: 1, lost: 0 })
    expect(verdict(evidenceOf([get({ kind: 'slow', done: 11_001 })]))).toMatchObject({ answered: 0, lost: 1 })
  })
})

describe('a request is forgiven', () => {
  const error = { version: 'bad', status: 500, error: 'status 500' }

  it('when the bad release wrote a complete error and named itself and its process', () => {
    const rows = [get(error), post('a', error), get()]
    expect(verdict(evidenceOf(rows), bad)).toMatchObject({ sent: 3, answered: 1, forgiven: 2, lost: 0 })
  })

  it('when the bad release gave a wrong answer', () => {
    expect(
      verdict(evidenceOf([get({ version: 'bad', error: 'status 404', status: 404 })]), bad),
    ).toMatchObject({
      forgiven: 1,
      lost: 0,
    })
  })

  it.each([
    ['nobody said that this release is bad', get({ ...error, version: 'good' })],
    ['a proxy wrote it', proxyError(502)],
    ['a proxy wrote it', proxyError(503)],
    [
      'the connection was reset',
      get({ done: null, status: null, version: null, pid: null, error: 'ECONNRESET' }),
    ],
    ['no process is named', get({ ...error, pid: null })],
    ['it came too late', get({ ...error, done: 5_001 })],
  ])('but not when %s', (_why, row) => {
    expect(verdict(evidenceOf([row]), bad)).toMatchObject({ forgiven: 0, lost: 1, unanswered: [row] })
  })

  it('but not when another process of that version wrote it', () => {
    const rows = [get({ ...error, pid: 7 }), get({ ...error, pid: 8 })]
    const result = verdict(evidenceOf(rows), [{ version: 'bad', pids: [7] }])
    expect(result).toMatchObject({ forgiven: 1, lost: 1, unanswered: [rows[1]] })
  })
})

describe('an order is lost', () => {
  it('when it was taken and is written down nowhere', () => {
    const result = verdict(evidenceOf([post('a'), post('b')], { journal: [entry('a')] }))
    expect(result).toMatchObject({ answered: 2, lost: 1, missing: ['b'], doubled: [] })
  })

  it('when it is written down twice, even by two versions', () => {
    const journal = [entry('a'), entry('a', 'bad'), entry('b')]
    const result = verdict(evidenceOf([post('a'), post('b')], { journal }))
    expect(result).toMatchObject({ answered: 2, lost: 1, missing: [], doubled: ['a'] })
  })

  it('once, when it was not answered and is doubled too', () => {
    const row = post('a', { done: null, status: null, version: null, pid: null, error: 'ECONNRESET' })
    expect(verdict(evidenceOf([row], { journal: [entry('a'), entry('a')] })).lost).toBe(1)
  })

  it('when the bad release answered the first attempt and something tried again', () => {
    const row = post('a', { version: 'good' })
    expect(verdict(evidenceOf([row], { journal: [entry('a', 'bad'), entry('a')] }), bad).lost).toBe(1)
  })

  it('but not missed when the client was told that it failed', () => {
    const row = post('a', { version: 'bad', status: 500, error: 'status 500' })
    expect(verdict(evidenceOf([row], { journal: [] }), bad)).toMatchObject({
      lost: 0,
      missing: [],
      forgiven: 1,
    })
  })

  it('and orders of others are not looked at', () => {
    const journal = [entry('a'), entry('of a smoke test'), entry('of a smoke test')]
    expect(verdict(evidenceOf([post('a')], { journal })).lost).toBe(0)
  })
})

describe('a run is void', () => {
  it('when the generator sent more than 100 ms late', () => {
    expect(verdict(evidenceOf([get({ due: 0, sent: 100, done: 110 })])).void).toEqual([])
    expect(verdict(evidenceOf([get({ due: 0, sent: 101, done: 110 })])).void).toEqual([
      'the generator sent 101 ms late, more than 100 ms',
    ])
  })

  it('when the control lost anything, which is no loss of the service under test', () => {
    const result = verdict(evidenceOf([get(), { ...proxyError(503), side: 'control' }]))
    expect(result).toMatchObject({ sent: 1, lost: 0, control: { sent: 1, lost: 1 } })
    expect(result.void).toEqual(['the control service, which nobody touched, lost 1 requests'])
  })

  it('when an order of the control is missing', () => {
    const result = verdict(evidenceOf([post('c', { side: 'control' })], { journal: [] }))
    expect(result).toMatchObject({ missing: [], lost: 0, control: { lost: 1 } })
  })

  it('when the record has no end', () => {
    expect(verdict(evidenceOf([get()], { complete: false })).void).toHaveLength(1)
  })
})

describe('websockets', () => {
  const message = { kind: 'websocket', method: 'MESSAGE' } as const
  const cut = { ...message, done: null, status: null, version: null, pid: null }

  it('may be told to go away, and a message that crosses the goodbye is counted apart', () => {
    const rows = [get(message), get({ ...cut, error: 'closed with 1001' })]
    const result = verdict(evidenceOf(rows, { websocketsClosed: [{ client: 0, code: 1001, at: 5 }] }))
    expect(result).toMatchObject({ sent: 2, answered: 1, lost: 0 })
    expect(result.websockets).toEqual({ messages: 2, goneAway: 1, crossed: 1, broken: 0 })
  })

  it('are lost when they break, and so are their messages', () => {
    const rows = [get({ ...cut, error: 'closed with 1006' })]
    const result = verdict(evidenceOf(rows, { websocketsClosed: [{ client: 0, code: 1006, at: 5 }] }))
    expect(result).toMatchObject({ answered: 0, lost: 2 })
    expect(result.websockets).toMatchObject({ crossed: 0, broken: 1 })
  })
})

it('tells which versions answered, by which processes, and when the last such request was sent', () => {
  const rows = [
    get({ version: 'bad', pid: 7, sent: 10, done: 400 }),
    get({ version: 'bad', pid: 8, sent: 30, done: 40, error: 'status 500', status: 500 }),
    get({ version: 'good', pid: 1, sent: 20, done: 500 }),
    proxyError(502),
  ]
  const { byVersion } = verdict(evidenceOf(rows, { startedAt: 1_000 }))
  expect(byVersion).toEqual({
    bad: { answers: 2, errors: 1, pids: [7, 8], firstSent: 1_010, lastSent: 1_030 },
    good: { answers: 1, errors: 0, pids: [1], firstSent: 1_020, lastSent: 1_020 },
  })
})

it('finds the longest time without a correct answer; slow answers and errors do not shorten it', () => {
  const rows = [
    get({ due: 0, sent: 0, done: 10 }),
    get({ due: 5, sent: 5, done: 30 }),
    get({ kind: 'slow', due: 0, sent: 0, done: 500 }),
    get({ due: 600, sent: 600, done: 610, version: 'bad', error: 'status 500', status: 500 }),
    get({ due: 900, sent: 900, done: 930 }),
  ]
  expect(verdict(evidenceOf(rows), bad).worstGapMs).toBe(900)
})
