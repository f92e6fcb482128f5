import type { ClosedRollout, Underway } from '../../src/rollout/ledger/ledger.js'
import type { Outcome } from '../../src/rollout/outcome.js'
import type { TimelineEntry } from '../../src/rollout/timeline.js'

export const OWNER = {
  repository: 'acme/shop',
  run: '4711',
  attempt: 1,
  url: 'https://github.example/acme/shop/actions/runs/4711/attempts/1',
}

export const TIMELINE: readonly TimelineEntry[] = [
  { at: '2026-01-06T11:00:00.000Z', what: 'v2 placed in green', weight: 0 },
  { at: '2026-01-06T11:01:00.000Z', what: 'weight set', weight: 5 },
  {
    at: '2026-01-06T11:06:00.000Z',
    what: 'held',
    weight: 5,
    stable: { requests: 41_230, errors: 41, p95Ms: 18.4 },
    candidate: { requests: 2_170, errors: 108, p95Ms: 58.2 },
    verdict: 'fail',
    reason: 'errors 5.0 % against 0.10 %',
  },
  { at: '2026-01-06T11:06:01.000Z', what: 'taken back', weight: 0 },
]

const FACTS = {
  id: 'r0llout1d',
  owner: OWNER,
  kind: 'rollout',
  openedAt: '2026-01-06T11:00:00.000Z',
  onCancel: 'back',
  held: [],
  blocks: [],
  timeline: TIMELINE.slice(0, 2),
  visitors: [],
} as const

/** A rollout that stands at 25 %. */
export const UNDERWAY: Underway = {
  ...FACTS,
  phase: 'shifting',
  weight: 25,
  candidate: { place: 'green', release: { version: 'v2' } },
}

export const TAKEN_BACK: ClosedRollout = {
  id: 'r0llout1d',
  owner: OWNER,
  version: 'v2',
  outcome: 'taken-back',
  reason: 'errors 5.0 % against 0.10 %',
  closedAt: '2026-01-06T11:06:01.000Z',
  timeline: TIMELINE,
}

export const PROMOTED: ClosedRollout = { ...TAKEN_BACK, outcome: 'promoted', timeline: TIMELINE.slice(0, 2) }

export const AT_25: Outcome = {
  result: 'succeeded',
  sentence: 'v2 gets 25 % of all requests',
  position: 'blue (v1) 75 %, green (v2) 25 %',
  state: 'r0llout1d',
  standby: [],
  stableVersion: 'v1',
  candidateVersion: 'v2',
  slot: 'green',
  weight: 25,
  observedShare: '24.83',
  rollout: UNDERWAY,
}

export const ROLLED_BACK: Outcome = {
  result: 'rolled-back',
  sentence: 'v1 serves all requests: errors 5.0 % against 0.10 %',
  position: 'blue (v1) 100 %, green 0 %',
  state: 'r0llout1d',
  standby: [],
  stableVersion: 'v1',
  candidateVersion: 'v2',
  restoredVersion: 'v1',
  seconds: 0.4321,
  rollout: TAKEN_BACK,
  report: {
    parameters: { rules: [], minSamples: 100, holdOver: true },
    blocks: [],
    judgement: {
      verdict: 'fail',
      reason: 'errors 5.0 % against 0.10 %',
      metrics: [
        {
          name: 'errors',
          verdict: 'fail',
          reason: '108 of 2,170 against 41 of 41,230',
          stable: { requests: 41_230, value: 0.00099 },
          candidate: { requests: 2_170, value: 0.0498 },
          unit: 'share',
          evidence: {
            logE: Math.log(412),
            needed: Math.log(40),
            course: [
              { atMs: Date.UTC(2026, 0, 6, 11, 1), logE: 0 },
              { atMs: Date.UTC(2026, 0, 6, 11, 3), logE: -1.25 },
              { atMs: Date.UTC(2026, 0, 6, 11, 6), logE: Math.log(412) },
            ],
          },
          difference: { low: 0.038, high: 0.0612 },
          stillAllowed: '62 times stable or 6.1 points more',
          notes: ['stable varies 1.4 times as much as independent requests would'],
        },
        {
          name: 'latency-p95',
          verdict: 'inconclusive',
          reason: 'too few requests',
          stable: { requests: 41_230, value: 18.4 },
          candidate: { requests: 12, value: undefined },
          unit: 'ms',
        },
      ],
    },
  },
}

export const SERVES_ALL: Outcome = {
  result: 'succeeded',
  sentence: 'v2 is stable now',
  position: 'blue 0 %, green (v2) 100 %',
  state: 'r0llout1d',
  standby: [],
  stableVersion: 'v2',
  candidateVersion: 'v2',
  slot: 'green',
  weight: 100,
  rollout: PROMOTED,
}
