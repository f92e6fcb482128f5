import { afterAll, describe, expect, it } from '@jest/globals'
import type { Conductor } from '../../src/rollout/conductor.js'
import type { Ledger } from '../../src/rollout/ledger/ledger.js'
import type { Outcome } from '../../src/rollout/outcome.js'
import { UserError } from '../../src/rollout/user-error.js'
import type { Stage } from '../memory/memory-scene.js'
import { ledgerOf, OTHER, stageWith, step } from '../memory/played-steps.js'
import { TroubledProcess, type Trouble } from '../memory/troubled-port.js'

type Work = (conductor: Conductor) => Promise<Outcome>

interface Scenario {
  readonly name: string
  readonly before: readonly Work[]
  readonly step: Work
  /** What serves when the step, or its repetition, is done. */
  readonly finished: Record<string, number>
  readonly bad?: boolean
}

const deploy: Work = (conductor) => conductor.deploy({ version: 'v2' })
const shift =
  (weight: number): Work =>
  (conductor) =>
    conductor.shift(step(weight, 4_000))
const rollback: Work = (conductor) => conductor.rollback({ jobStatus: 'failure' })

const SCENARIOS: readonly Scenario[] = [
  { name: 'deploy', before: [], step: deploy, finished: { v1: 100 } },
  { name: 'canary-step 25', before: [deploy], step: shift(25), finished: { v1: 75, v2: 25 } },
  { name: 'a bad canary-step 25', before: [deploy], step: shift(25), finished: { v1: 100 }, bad: true },
  { name: 'canary-step 100', before: [deploy, shift(25)], step: shift(100), finished: { v2: 100 } },
  { name: 'rollback at 25 %', before: [deploy, shift(25)], step: rollback, finished: { v1: 100 } },
  {
    name: 'the end of a failed job at 25 %',
    before: [deploy, shift(25)],
    step: (conductor) => conductor.finishJob('failure'),
    finished: { v1: 100 },
  },
  {
    name: 'the end of a good job at 25 %',
    before: [deploy, shift(25)],
    step: (conductor) => conductor.finishJob('success'),
    finished: { v1: 75, v2: 25 },
  },
  {
    name: 'a return to v1 after v2',
    before: [deploy, shift(100)],
    step: (conductor) => conductor.rollback({ to: 'v1', jobStatus: 'success' }),
    finished: { v1: 100 },
  },
]

let cases = 0
afterAll(() => {
  process.stdout.write(`api-trouble: ${cases} cases\n`)
})

async function stageFor(scenario: Scenario): Promise<Stage> {
  const stage = await stageWith('v1')
  if (scenario.bad === true) stage.world.behave('v2', { errorShare: 0.3 })
  for (const work of scenario.before) await work(stage.conductor())
  return stage
}

async function playWith(stage: Stage, scenario: Scenario, process: TroubledProcess): Promise<Outcome> {
  const { platform, router, ledgers } = stage.scene()
  const conductor = stage.conductor({
    platform: process.wrap('platform', platform),
    router: router === undefined ? undefined : process.wrap('router', router),
    ledgers: process.wrap('ledger', ledgers),
  })
  return scenario.step(conductor)
}

interface Case {
  readonly where: string
  readonly stage: Stage
  readonly outcome: Outcome | Error
}

/** The step once for each of its port calls, each time with the same trouble there. */
async function* everyCall(scenario: Scenario, trouble: Trouble): AsyncGenerator<Case> {
  const undisturbed = new TroubledProcess()
  await playWith(await stageFor(scenario), scenario, undisturbed)
  expect(undisturbed.calls.length).toBeGreaterThan(2)
  for (const [index, name] of undisturbed.calls.entries()) {
    const stage = await stageFor(scenario)
    const process = new TroubledProcess(index + 1, trouble)
    const outcome = await playWith(stage, scenario, process).catch((thrown: Error) => thrown)
    expect(process.met).toBe(true)
    cases++
    yield { where: `${trouble} at call ${index + 1} (${name})`, stage, outcome }
  }
}

/** What must be so whenever nobody is at work: who serves is recorded, and nothing runs that nobody knows of. */
function findings({ where, stage }: Case): unknown {
  const ledger = ledgerOf(stage)
  return { where, serving: stage.serving(), lost: stage.world.lost, unknown: unknownPlaces(stage, ledger) }
}

function unknownPlaces(stage: Stage, ledger: Ledger): readonly string[] {
  return [...stage.world.places.keys()].filter((place) => ledger.places[place] === undefined)
}

/** The original Service has never moved, or is where stable is. */
function followsStable({ stage }: Case): boolean {
  return stage.world.stableFollows === ledgerOf(stage).stable?.place
}

describe.each(SCENARIOS)('$name', (scenario) => {
  it.each(['not answered', 'answer lost'] as const)(
    'ends as if nothing had been, when any one call is %s once',
    async (trouble) => {
      for await (const one of everyCall(scenario, trouble)) {
        expect(findings(one)).toEqual({ where: one.where, serving: scenario.finished, lost: [], unknown: [] })
        expect({ where: one.where, follows: followsStable(one) }).toEqual({ where: one.where, follows: true })
        expect({ where: one.where, lease: ledgerOf(one.stage).lease }).toEqual({
          where: one.where,
          lease: undefined,
        })
      }
    },
  )

  it.each(['refused', 'outage'] as const)(
    'says where traffic stands when any one call meets: %s, and the same step again finishes it',
    async (trouble) => {
      for await (const one of everyCall(scenario, trouble)) {
        expectStated(one)
        await scenario.step(one.stage.conductor())
        expect(findings(one)).toEqual({ where: one.where, serving: scenario.finished, lost: [], unknown: [] })
      }
    },
  )

  it.each(['refused', 'outage'] as const)(
    'is taken back by rollback when any one call met: %s',
    async (trouble) => {
      for await (const one of everyCall(scenario, trouble)) {
        await rollback(one.stage.conductor())
        const stable = ledgerOf(one.stage).stable
        const serving = { [stable?.release.version ?? 'nobody']: 100 }
        expect(findings(one)).toEqual({ where: one.where, serving, lost: [], unknown: [] })
        expect({ where: one.where, open: ledgerOf(one.stage).rollout }).toEqual({
          where: one.where,
          open: undefined,
        })
        expect({ where: one.where, follows: followsStable(one) }).toEqual({ where: one.where, follows: true })
      }
    },
  )

  it('leaves nothing behind for ever when a call is refused and nobody comes but the sweep', async () => {
    for await (const one of everyCall(scenario, 'refused')) {
      one.stage.clock.advance(2 * 86_400_000)
      await one.stage.conductor({ actor: OTHER }).sweep()
      await one.stage.conductor({ actor: OTHER }).sweep()
      const ledger = ledgerOf(one.stage)
      expect({ where: one.where, open: ledger.rollout, due: ledger.retire }).toEqual({
        where: one.where,
        open: undefined,
        due: [],
      })
      expect({ where: one.where, places: [...one.stage.world.places.keys()] }).toEqual({
        where: one.where,
        places: [ledger.stable?.place],
      })
      expect({ where: one.where, lost: one.stage.world.lost }).toEqual({ where: one.where, lost: [] })
    }
  })
})

function expectStated({ where, outcome }: Case): void {
  if (outcome instanceof Error) {
    // Before the first reading of the ledger there is no position to state.
    expect({ where, user: outcome instanceof UserError, message: outcome.message }).toEqual({
      where,
      user: true,
      message: expect.stringContaining('ledger.read'),
    })
    return
  }
  expect({ where, position: outcome.position }).toEqual({
    where,
    position: expect.stringMatching(/\d+ %|serves/),
  })
}
