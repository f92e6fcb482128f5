import { describe, expect, it } from '@jest/globals'
import { afterGoingBack } from '../../src/actions/after-going-back.js'
import type { Outcome } from '../../src/rollout/outcome.js'
import { UserError } from '../../src/rollout/user-error.js'

const REASON = '1 of 3 smoke checks of v2 failed: page: status 500 instead of 200'

const FAILED: Outcome = {
  result: 'failed',
  sentence: REASON,
  position: 'blue (v1) 100 %, green (v2) 0 %',
  standby: [],
  candidateVersion: 'v2',
  candidateUrl: 'http://127.0.0.1:4000/',
  problem: new UserError(REASON, { hint: 'The rollback step, or the end of the job, cleans up.' }),
}

const BACK: Outcome = {
  result: 'rolled-back',
  sentence: `v1 serves all requests: ${REASON}`,
  position: 'blue (v1) 100 %',
  standby: [],
  candidateVersion: 'v2',
  restoredVersion: 'v1',
}

describe('the root action after it took itself back', () => {
  it('says how things stand and why, each once, and nothing that is done already', () => {
    const { sentence, problem, result, candidateUrl } = afterGoingBack(FAILED, BACK)
    expect(sentence).toBe('v2 was taken back; v1 serves all requests')
    expect(problem?.message).toBe(REASON)
    expect(problem?.hint).toBe('Nothing is left to tidy up: mend the release and run the workflow again.')
    expect({ result, candidateUrl }).toEqual({ result: 'rolled-back', candidateUrl: FAILED.candidateUrl })
  })

  it('names no stable release where there is none', () => {
    const { restoredVersion: _none, ...back } = { ...BACK, result: 'failed' as const }
    const { sentence, problem } = afterGoingBack(FAILED, back)
    expect(sentence).toBe('v2 was taken back; no release serves now')
    expect(problem?.hint).toMatch(/^No release was live before this one/)
  })

  it('that did not succeed says both, and what to do about the second', () => {
    const stuck = new UserError('the router does not answer', { hint: 'Look at it.' })
    const { problem } = afterGoingBack(FAILED, { ...BACK, result: 'failed', problem: stuck })
    expect(problem?.message).toBe(`${REASON}\nGoing back failed too: the router does not answer`)
    expect(problem?.hint).toBe('Look at it.')
  })
})
