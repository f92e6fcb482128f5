import { describe, expect, it } from '@jest/globals'
import { bounces } from './bounces.js'
import type { Row } from './record.js'
import { evidenceOf, sticky } from './written-by-hand.js'

const rollout = { candidate: 'new' }
/** One client's answers, 100 ms apart. */
const client = (...versions: string[]) => versions.map((version, index) => sticky(3, index * 100, version))
const record = (rows: readonly Row[], startedAt = 0) => evidenceOf(rows, { startedAt }).record

describe('a client with a cookie', () => {
  it('may be moved to the candidate and stay there', () => {
    const result = bounces(record(client('old', 'old', 'new', 'new')), rollout)
    expect(result).toEqual({ clients: 1, answers: 4, bounces: [] })
  })

  it('bounces when it is moved back while the weight does not fall', () => {
    expect(bounces(record(client('old', 'new', 'old')), rollout).bounces).toEqual([
      { client: 3, at: 200, from: 'new', to: 'old', why: 'came back' },
    ])
    expect(bounces(record(client('new', 'old')), rollout).bounces).toEqual([
      { client: 3, at: 100, from: 'new', to: 'old', why: 'left the candidate' },
    ])
  })

  it('bounces when it goes candidate, stable, candidate, also where nobody says which is the candidate', () => {
    expect(bounces(record(client('new', 'old', 'new')), {}).bounces).toEqual([
      { client: 3, at: 200, from: 'old', to: 'new', why: 'came back' },
    ])
  })

  it('may leave the candidate while the rollout is taken back, but only once', () => {
    const returns = [{ from: 150, to: 1_000 }]
    expect(bounces(record(client('old', 'new', 'old', 'old')), { ...rollout, returns }).bounces).toEqual([])
    const toAndFro = bounces(record(client('old', 'new', 'old', 'new')), { ...rollout, returns }).bounces
    expect(toAndFro.map(({ at, why }) => ({ at, why }))).toEqual([{ at: 300, why: 'came back' }])
  })

  it('may leave the candidate in the middle of a return', () => {
    const returns = [{ from: 150, to: 1_000 }]
    expect(bounces(record(client('old', 'new', 'new', 'old')), { ...rollout, returns }).bounces).toEqual([])
  })

  it('may leave the candidate by its first request after the return', () => {
    const returns = [{ from: 150, to: 160 }]
    expect(bounces(record(client('old', 'new', 'old', 'old')), { ...rollout, returns }).bounces).toEqual([])
  })

  it('may come to the candidate again in the next rollout, and not leave it there', () => {
    const returns = [{ from: 150, to: 250 }]
    expect(bounces(record(client('old', 'new', 'old', 'new')), { ...rollout, returns }).bounces).toEqual([])
    const left = bounces(record(client('old', 'new', 'old', 'new', 'old')), { ...rollout, returns }).bounces
    expect(left.map(({ at, why }) => ({ at, why }))).toEqual([{ at: 400, why: 'came back' }])
  })

  it('is told from the others', () => {
    const rows = [sticky(1, 0, 'old'), sticky(2, 100, 'new'), sticky(1, 200, 'old'), sticky(2, 300, 'new')]
    expect(bounces(record(rows), rollout)).toEqual({ clients: 2, answers: 4, bounces: [] })
  })
})

describe('nothing is concluded', () => {
  it('from two requests that were in flight at once', () => {
    const rows = [
      { ...sticky(3, 0, 'old'), done: 50 },
      { ...sticky(3, 10, 'new'), done: 20 },
      sticky(3, 100, 'old'),
    ]
    expect(bounces(record(rows), rollout).bounces).toEqual([])
  })

  it('from the control', () => {
    const rows = client('new', 'old', 'new').map((row): Row => ({ ...row, side: 'control' }))
    expect(bounces(record(rows), rollout)).toEqual({ clients: 0, answers: 0, bounces: [] })
  })

  it('from requests without a cookie, and from those that nobody answered', () => {
    const rows = client('new', 'old', 'new')
    expect(bounces(record(rows.map((row) => ({ ...row, cookie: false }))), rollout)).toEqual({
      clients: 0,
      answers: 0,
      bounces: [],
    })
    const unanswered = rows.map((row) => (row.version === 'old' ? { ...row, version: null, pid: null } : row))
    expect(bounces(record(unanswered), rollout)).toMatchObject({ clients: 1, answers: 2, bounces: [] })
  })
})

it('takes the times of a return on the clock of the machine', () => {
  const returns = [{ from: 5_150, to: 6_000 }]
  expect(bounces(record(client('old', 'new', 'old'), 5_000), { ...rollout, returns }).bounces).toEqual([])
  expect(bounces(record(client('old', 'new', 'old'), 0), { ...rollout, returns }).bounces).toHaveLength(1)
})
