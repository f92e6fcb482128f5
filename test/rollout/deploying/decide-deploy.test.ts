import { describe, expect, it } from '@jest/globals'
import { decideDeploy, type DeployQuestion } from '../../../src/rollout/deploying/decide-deploy.js'
import { parseLedger } from '../../../src/rollout/ledger/ledger-format.js'
import type { Doomed, Ledger, OpenRollout, Reserved, Underway } from '../../../src/rollout/ledger/ledger.js'
import type { Standing } from '../../../src/rollout/ledger/standing.js'
import { ACTOR } from '../../memory/memory-scene.js'

const V2 = { version: 'v2' }
const EMPTY = parseLedger(
  '{"format":{"major":1,"minor":0},"service":"shop","environment":"default","repository":"acme/shop"}',
  'here',
)
const facts: Omit<Reserved, 'phase'> = {
  id: 'r1',
  owner: { repository: 'acme/shop', run: '100', attempt: 1 },
  kind: 'rollout',
  openedAt: '2026-01-06T11:00:00.000Z',
  onCancel: 'back',
  weight: 25,
  held: [],
  blocks: [],
  timeline: [],
  visitors: [],
}
const reserved: Reserved = { ...facts, phase: 'reserved' }
const shifting = (version: string): Underway => ({
  ...facts,
  phase: 'shifting',
  candidate: { place: 'green', release: { version } },
})
const failed: Doomed = {
  ...facts,
  phase: 'failed',
  candidate: { place: 'green', release: V2 },
  setback: { reason: 'too many errors', at: facts.openedAt },
}
const stable = (version: string): Partial<Ledger> => ({
  stable: { place: 'blue', release: { version }, since: facts.openedAt },
})
const BUSY: Standing = { kind: 'busy', who: 'rollout of v9 by run 7', atWork: false }
const LAPSED: Standing = { kind: 'lapsed', why: 'its resting time was over' }

function decide(
  ledger: Partial<Ledger>,
  standing: Standing['kind'] | Standing,
  more: Partial<DeployQuestion> = {},
) {
  return decideDeploy({
    ledger: { ...EMPTY, ...ledger },
    standing: typeof standing === 'string' ? ({ kind: standing } as Standing) : standing,
    actor: ACTOR,
    release: V2,
    otherBuilds: new Set(),
    policy: { ifBusy: 'refuse', adopt: false, returnAs: 'at-once' },
    service: 'shop',
    ...more,
  })
}
const policy = (change: Partial<DeployQuestion['policy']>): Partial<DeployQuestion> => ({
  policy: { ifBusy: 'refuse', adopt: false, returnAs: 'at-once', ...change },
})
const open = (rollout: OpenRollout): Partial<Ledger> => ({ ...stable('v1'), rollout })
const known = (latest: 'promoted' | 'taken-back'): Partial<Ledger> => ({
  ...stable('v1'),
  releases: [{ release: V2, latest, reason: 'it was slow', at: '2026-01-01T00:00:00.000Z' }],
})
const FOREIGN: Standing = { kind: 'foreign', repository: 'acme/other' }

describe('what a deploy does', () => {
  it.each([
    [
      'with nothing open',
      stable('v1'),
      'free',
      {},
      { do: 'open', kind: 'rollout', before: { kind: 'nothing' } },
    ],
    ['the first ever', {}, 'free', {}, { do: 'open', kind: 'rollout', before: { kind: 'nothing' } }],
    ['of what is stable', stable('v2'), 'free', {}, { do: 'answer-settled', withdraw: false }],
    [
      'of what is stable while another’s is open',
      { ...open(shifting('v9')), ...stable('v2') },
      BUSY,
      {},
      { do: 'answer-settled', withdraw: false },
    ],
    [
      'of what is stable after a reservation',
      { ...stable('v2'), rollout: reserved },
      'ours',
      {},
      { do: 'answer-settled', withdraw: true },
    ],
    ['after an own reservation', open(reserved), 'ours', {}, { do: 'open', before: { kind: 'nothing' } }],
    ['again, of the same release', open(shifting('v2')), 'ours', {}, { do: 'resume' }],
    [
      'of another release in the same run',
      open(shifting('v3')),
      'ours',
      {},
      { do: 'open', before: { kind: 'go-back' } },
    ],
    [
      'in the next attempt',
      open(shifting('v2')),
      'ours',
      { actor: { ...ACTOR, attempt: 2 } },
      { do: 'open', before: { kind: 'go-back' } },
    ],
    [
      'in the next attempt, after a failure',
      open(failed),
      'ours',
      { actor: { ...ACTOR, attempt: 2 } },
      { do: 'open', before: { kind: 'go-back' } },
    ],
    [
      'with a state of another run',
      open(shifting('v2')),
      'ours',
      { actor: { ...ACTOR, run: '7' } },
      { do: 'open', before: { kind: 'go-back' } },
    ],
    ['after a failure in the same attempt', open(failed), 'ours', {}, { do: 'refuse' }],
    [
      'after an abandoned rollout',
      open(shifting('v9')),
      LAPSED,
      {},
      { do: 'open', before: { kind: 'go-back' } },
    ],
    ['while another’s is alive', open(shifting('v9')), BUSY, {}, { do: 'refuse' }],
    ['that waits', open(shifting('v9')), BUSY, policy({ ifBusy: 'wait' }), { do: 'wait' }],
    [
      'that supersedes',
      open(shifting('v9')),
      BUSY,
      policy({ ifBusy: 'supersede' }),
      { do: 'open', before: { kind: 'supersede' } },
    ],
    ['from another repository', stable('v1'), FOREIGN, {}, { do: 'refuse' }],
    ['from another repository, even of what is stable', stable('v2'), FOREIGN, {}, { do: 'refuse' }],
    [
      'that adopts from another repository',
      stable('v1'),
      FOREIGN,
      policy({ adopt: true }),
      { do: 'open', before: { kind: 'nothing' } },
    ],
    [
      'that adopts while the other repository’s is open',
      open(shifting('v9')),
      FOREIGN,
      policy({ adopt: true }),
      { do: 'refuse' },
    ],
    ['of a release that was stable before', known('promoted'), 'free', {}, { do: 'open', kind: 'return' }],
    [
      'of the same, as a rollout',
      known('promoted'),
      'free',
      policy({ returnAs: 'rollout' }),
      { do: 'open', kind: 'rollout' },
    ],
    [
      'of a release that was taken back last',
      known('taken-back'),
      'free',
      {},
      { do: 'open', kind: 'rollout', notice: expect.stringContaining('it was slow') },
    ],
    [
      'of a release that a contract excluded',
      { ...known('promoted'), excluded: [{ version: 'v2', migration: '0007', reason: 'drops x' }] },
      'free',
      {},
      { do: 'refuse' },
    ],
  ] as const)('%s', (_, ledger, standing, more, expected) => {
    expect(
      decide(ledger as Partial<Ledger>, standing as Standing, more as Partial<DeployQuestion>),
    ).toMatchObject(expected)
  })
})

describe('a refusal', () => {
  const refusal = (decision: ReturnType<typeof decide>): { message: string; hint: string | undefined } => {
    if (decision.do !== 'refuse') throw new Error(`not refused: ${decision.do}`)
    return { message: decision.error.message, hint: decision.error.hint }
  }

  it('for a busy service names run, rollout, weight, since when, and the ways on', () => {
    const { message, hint } = refusal(decide(open(shifting('v9')), BUSY))
    expect(message).toBe(
      'shop is busy: rollout of v9 by run 100 of acme/shop, attempt 1, at 25 % since 2026-01-06T11:00:00.000Z',
    )
    expect(hint).toMatch(/if-busy: wait.*if-busy: supersede.*Nothing was changed/)
  })

  it('for a failed attempt says why it failed and what may follow', () => {
    const { message, hint } = refusal(decide(open(failed), 'ours'))
    expect(message).toContain('too many errors')
    expect(hint).toContain('re-run all jobs')
  })

  it('for an excluded release names the migration', () => {
    const excluded = [{ version: 'v2', migration: '0007', reason: 'drops orders.total' }]
    expect(refusal(decide({ ...stable('v1'), excluded }, 'free')).message).toContain(
      'the contract migration 0007 stands in between (drops orders.total)',
    )
  })

  it('for another repository’s service names that repository, and adopt', () => {
    const { message, hint } = refusal(decide(stable('v1'), FOREIGN))
    expect(message).toContain('belongs to the repository acme/other')
    expect(hint).toContain('adopt: true')
  })
})
