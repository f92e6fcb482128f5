import { describe, expect, it } from '@jest/globals'
import type { Conductor } from '../../src/rollout/conductor.js'
import { parseLedger } from '../../src/rollout/ledger/ledger-format.js'
import type { Outcome } from '../../src/rollout/outcome.js'
import type { Weight } from '../../src/rollout/weight.js'
import { Killed, MortalProcess } from '../memory/mortal-port.js'
import { ACTOR, Stage } from '../memory/memory-scene.js'

type Work = (conductor: Conductor) => Promise<Outcome>

const deploy: Work = (conductor) => conductor.deploy({ version: 'v2' })
const shift =
  (weight: number): Work =>
  (conductor) =>
    conductor.shift({ weight: weight as Weight, holdMs: 4_000, analyze: true })
const rollback: Work = (conductor) => conductor.rollback({ jobStatus: 'failure' })

interface Scenario {
  readonly name: string
  readonly before: readonly Work[]
  readonly step: Work
  /** What serves when the step has been finished by its repetition. */
  readonly finished: Record<string, number>
  /** The release under test is bad from the start. */
  readonly bad?: boolean
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'deploy', before: [], step: deploy, finished: { v1: 100 } },
  { name: 'canary-step 25', before: [deploy], step: shift(25), finished: { v1: 75, v2: 25 } },
  {
    name: 'canary-step 25 of a bad release',
    before: [deploy],
    step: shift(25),
    finished: { v1: 100 },
    bad: true,
  },
  { name: 'canary-step 100', before: [deploy, shift(25)], step: shift(100), finished: { v2: 100 } },
  { name: 'rollback at 25 %', before: [deploy, shift(25)], step: rollback, finished: { v1: 100 } },
  {
    name: 'end of a failed job at 25 %',
    before: [deploy, shift(25)],
    step: (conductor) => conductor.finishJob('failure'),
    finished: { v1: 100 },
  },
  {
    name: 'return to v1 after v2',
    before: [deploy, shift(100)],
    step: (conductor) => conductor.rollback({ to: 'v1', jobStatus: 'success' }),
    finished: { v1: 100 },
  },
]

async function stageFor(scenario: Scenario): Promise<Stage> {
  const stage = new Stage()
  if (scenario.bad === true) stage.world.behave('v2', { errorShare: 0.3 })
  await stage.live('v1')
  for (const work of scenario.before) await work(stage.conductor())
  return stage
}

/** A conductor in a process of its own, which may die at a port call. */
function mortal(stage: Stage, process: MortalProcess): Conductor {
  const { platform, router, ledgers } = stage.scene()
  return stage.conductor({
    platform: process.wrap('platform', platform),
    router: router === undefined ? undefined : process.wrap('router', router),
    ledgers: process.wrap('ledger', ledgers),
  })
}

async function callsOf(scenario: Scenario): Promise<readonly string[]> {
  const stage = await stageFor(scenario)
  const process = new MortalProcess()
  await scenario.step(mortal(stage, process))
  return process.calls
}

async function killedAt(scenario: Scenario, call: number, when: 'before' | 'after'): Promise<Stage> {
  const stage = await stageFor(scenario)
  const process = new MortalProcess(call, when)
  await scenario.step(mortal(stage, process)).catch((thrown: unknown) => {
    if (!(thrown instanceof Killed)) throw thrown
  })
  expect(process.died).toBe(true)
  return stage
}

function closedOutcome(stage: Stage): string | undefined {
  return parseLedger(stage.ledgers.text ?? '', 'memory').closed[0]?.outcome
}

describe.each(SCENARIOS)('$name, killed before and after every port call', (scenario) => {
  it('is finished by the same step, and no request is lost', async () => {
    const calls = await callsOf(scenario)
    expect(calls.length).toBeGreaterThan(5)
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= calls.length; call++) {
        const where = `${when} call ${call} (${calls[call - 1]})`
        const stage = await killedAt(scenario, call, when)
        await scenario.step(stage.conductor())
        expect({ where, serving: stage.serving() }).toEqual({ where, serving: scenario.finished })
        expect({ where, lost: stage.world.lost }).toEqual({ where, lost: [] })
      }
    }
  })

  it('is taken back by rollback, and no request is lost', async () => {
    const calls = await callsOf(scenario)
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= calls.length; call++) {
        const where = `${when} call ${call} (${calls[call - 1]})`
        const stage = await killedAt(scenario, call, when)
        await rollback(stage.conductor())
        const ledger = parseLedger(stage.ledgers.text ?? '', 'memory')
        expect({ where, open: ledger.rollout }).toEqual({ where, open: undefined })
        // Nobody else is kept waiting for a step that is dead.
        expect({ where, lease: ledger.lease }).toEqual({ where, lease: undefined })
        expect({ where, lost: stage.world.lost }).toEqual({ where, lost: [] })
        expect({ where, serving: stage.serving() }).toEqual({
          where,
          serving: { [ledger.stable?.release.version ?? '']: 100 },
        })
      }
    }
  })

  it('is taken back by the next run once its lease is stale, or refuses it, and no request is lost', async () => {
    const calls = await callsOf(scenario)
    for (let call = 1; call <= calls.length; call++) {
      const where = `call ${call} (${calls[call - 1]})`
      const stage = await killedAt(scenario, call, 'after')
      const actor = { ...ACTOR, run: '200' }
      stage.clock.advance(86_400_001)
      const outcome = await stage.conductor({ actor }).deploy({ version: 'v3' })
      expect({ where, result: outcome.result, problem: outcome.problem }).toEqual({
        where,
        result: 'succeeded',
        problem: undefined,
      })
      expect({ where, lost: stage.world.lost }).toEqual({ where, lost: [] })
      expect(['promoted', 'taken-back', 'withdrawn']).toContain(closedOutcome(stage))
    }
  })
})
