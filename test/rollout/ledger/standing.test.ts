import { describe, expect, it } from '@jest/globals'
import type { Ledger, Lease, Owner, Reserved } from '../../../src/rollout/ledger/ledger.js'
import { parseLedger } from '../../../src/rollout/ledger/ledger-format.js'
import { isStale, standingOf } from '../../../src/rollout/ledger/standing.js'

const NOW = new Date('2026-01-06T11:00:00.000Z')
const ago = (ms: number): string => new Date(NOW.getTime() - ms).toISOString()
const ME: Owner = { repository: 'acme/shop', run: '100', attempt: 2 }
const OTHER: Owner = { repository: 'acme/shop', run: '99', attempt: 1 }

const EMPTY = parseLedger(
  '{"format":{"major":1,"minor":0},"service":"shop","environment":"default","repository":"acme/shop"}',
  'here',
)

function rollout(owner: Owner, rest?: Reserved['rest']): Reserved {
  return {
    id: 'r1',
    owner,
    kind: 'rollout',
    phase: 'reserved',
    openedAt: ago(60_000),
    onCancel: 'back',
    weight: 0,
    held: [],
    blocks: [],
    timeline: [],
    visitors: [],
    ...(rest !== undefined && { rest }),
  }
}

function lease(owner: Owner, renewedAgoMs: number): Lease {
  const times = { renewedAt: ago(renewedAgoMs), renewEveryMs: 30_000, staleAfterMs: 300_000 }
  return { holder: 'process', step: 'canary-step', owner, ...times }
}

function standing(ledger: Partial<Ledger>, state?: string) {
  return standingOf({ ...EMPTY, ...ledger }, ME, state, NOW).kind
}

describe('a step and the open rollout', () => {
  it('the service is free when nothing is open, whoever died there', () => {
    expect(standing({})).toBe('free')
    expect(standing({ lease: lease(OTHER, 300_001) })).toBe('free')
  })

  it('is somebody’s who is at work although no rollout is open: a slot is being retired', () => {
    expect(standing({ lease: lease(OTHER, 1_000) })).toBe('busy')
  })

  it('is ours when this run opened it, in any attempt, at rest or with our own killed step’s lease', () => {
    const rest = { kind: 'rest', until: ago(-60_000) } as const
    expect(standing({ rollout: rollout({ ...ME, attempt: 1 }, rest) })).toBe('ours')
    expect(standing({ rollout: rollout(ME), lease: lease({ ...ME, attempt: 1 }, 1_000) })).toBe('ours')
    expect(standing({ rollout: rollout(ME, { kind: 'parked', until: ago(1) }) })).toBe('ours')
  })

  it('is ours when its state was handed over, unless somebody is at work on it', () => {
    const parked = { kind: 'parked', until: ago(-60_000) } as const
    expect(standing({ rollout: rollout(OTHER, parked) }, 'r1')).toBe('ours')
    expect(standing({ rollout: rollout(OTHER, parked) }, 'r2')).toBe('busy')
    expect(standing({ rollout: rollout(OTHER), lease: lease(OTHER, 1_000) }, 'r1')).toBe('busy')
  })

  it('is no longer ours while another run holds a fresh lease on it, and ours again when that is stale', () => {
    expect(standing({ rollout: rollout(ME), lease: lease(OTHER, 299_999) })).toBe('busy')
    expect(standing({ rollout: rollout(ME), lease: lease(OTHER, 300_001) })).toBe('ours')
  })

  it('is lapsed when the lease is stale, or the rest or parking time is over', () => {
    expect(standing({ rollout: rollout(OTHER), lease: lease(OTHER, 300_001) })).toBe('lapsed')
    expect(standing({ rollout: rollout(OTHER, { kind: 'rest', until: ago(1) }) })).toBe('lapsed')
    expect(standing({ rollout: rollout(OTHER, { kind: 'parked', until: ago(1) }) })).toBe('lapsed')
    expect(standing({ rollout: rollout(OTHER, { kind: 'parked', until: ago(0) }) })).toBe('busy')
  })

  it('of another repository is foreign, whatever state was handed over', () => {
    expect(standing({ repository: 'acme/other', rollout: rollout(ME) }, 'r1')).toBe('foreign')
  })

  it('a run of the same number in another repository is another run', () => {
    expect(standing({ rollout: rollout({ ...ME, repository: 'acme/fork' }) })).toBe('busy')
  })

  it('a lease goes stale by the time that its own holder named, in whole', () => {
    const brief = { ...lease(OTHER, 10_000), staleAfterMs: 10_000 }
    expect(isStale(brief, NOW)).toBe(false)
    expect(isStale({ ...brief, renewedAt: ago(10_001) }, NOW)).toBe(true)
  })

  it('says who is at work, and why another was taken for abandoned', () => {
    const ledger = { ...EMPTY, rollout: rollout(OTHER), lease: lease(OTHER, 1_000) }
    expect(standingOf(ledger, ME, undefined, NOW)).toMatchObject({
      who: expect.stringMatching(/by run 99 of acme\/shop, attempt 1, reserved.*now at work: canary-step/),
      atWork: true,
    })
    const parked = { ...EMPTY, rollout: rollout(OTHER, { kind: 'parked', until: ago(1) }) }
    expect(standingOf(parked, ME, undefined, NOW)).toMatchObject({
      why: `its parking time was over at ${ago(1)}`,
    })
  })
})
