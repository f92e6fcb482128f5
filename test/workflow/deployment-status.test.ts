import { describe, expect, it } from '@jest/globals'
import type { Outcome } from '../../src/rollout/outcome.js'
import { deploymentStatusOf } from '../../src/workflow/deployment-status.js'
import { AT_25, PROMOTED, ROLLED_BACK, SERVES_ALL, TAKEN_BACK, UNDERWAY } from './sample-outcome.js'

const URL = 'https://shop.example/'
const of = (outcome: Outcome) => deploymentStatusOf(outcome, URL)

describe("how GitHub's deployment stands", () => {
  it('a candidate with a part of the traffic is in progress: never a success at 25 % (trap 46)', () => {
    expect(of(AT_25)).toEqual({ state: 'in_progress', description: 'v2 gets 25 % of all requests' })
  })

  it('a parked rollout says that it waits', () => {
    const rollout = { ...UNDERWAY, rest: { kind: 'parked', until: '2026-01-07T11:00:00.000Z' } } as const
    expect(of({ ...AT_25, rollout })?.description).toBe(
      'v2 gets 25 % of all requests, waiting for the next job',
    )
  })

  it('a promoted release is a success with its address', () => {
    expect(of(SERVES_ALL)).toEqual({
      state: 'success',
      description: 'v2 serves all requests',
      environmentUrl: URL,
    })
  })

  it('a release that was promoted and has been replaced since is left alone', () => {
    const { weight: _none, ...replaced } = SERVES_ALL
    expect(of({ ...replaced, rollout: PROMOTED, stableVersion: 'v3' })).toBeUndefined()
  })

  it('a release that is or was taken back is a failure that says why', () => {
    expect(of(ROLLED_BACK)).toEqual({
      state: 'failure',
      description: 'v2 was taken back: errors 5.0 % against 0.10 %',
    })
    const setback = { reason: 'it died', at: '2026-01-06T11:00:00.000Z' }
    const rollout = { ...UNDERWAY, phase: 'failed', setback } as const
    expect(of({ ...AT_25, rollout })).toEqual({ state: 'failure', description: 'v2 is taken back: it died' })
  })

  it('a rollout without a release is nothing yet, and inactive once it is closed', () => {
    const { candidate: _none, ...facts } = UNDERWAY
    expect(of({ ...AT_25, rollout: { ...facts, phase: 'reserved' } })).toBeUndefined()
    expect(of({ ...AT_25, rollout: { ...TAKEN_BACK, outcome: 'withdrawn' } })?.state).toBe('inactive')
  })

  it('without a rollout there is nothing to record', () => {
    const { rollout: _none, ...rest } = AT_25
    expect(of(rest)).toBeUndefined()
  })
})
