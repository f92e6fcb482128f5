import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect } from '@jest/globals'
import { describeVerdict } from '../load/describe-verdict.ts'
import { LEAST_REQUESTS } from './findings.ts'
import { scenario } from './scenario.ts'
import { logsOf, type ScenarioStage } from './scenario-stage.ts'
import { job, uses, workflow } from './workflow-text.ts'

const PRELOAD = resolve(import.meta.dirname, 'kill-at-call.mjs')

interface KilledStep {
  readonly name: string
  /** The action whose process is killed. */
  readonly action: string
  readonly inputs: (version: string) => Readonly<Record<string, string | number>>
  /** What the job did before it. */
  readonly before: (version: string) => readonly string[]
  /** Whether the release is stable after it. */
  readonly promotes: boolean
}

const deployed = (version: string): string => uses('deploy', { version })
const at25 = { weight: 25, hold: '0s' }

const STEPS: readonly KilledStep[] = [
  { name: 'deploy', action: 'deploy', inputs: (version) => ({ version }), before: () => [], promotes: false },
  {
    name: 'canary-step to 25 %',
    action: 'canary-step',
    inputs: () => at25,
    before: (version) => [deployed(version)],
    promotes: false,
  },
  {
    name: 'canary-step to 100 %',
    action: 'canary-step',
    inputs: () => ({ weight: 100, hold: '0s' }),
    before: (version) => [deployed(version)],
    promotes: true,
  },
  {
    name: 'rollback',
    action: 'rollback',
    inputs: () => ({}),
    before: (version) => [deployed(version), uses('canary-step', at25)],
    promotes: false,
  },
]

/** A step that waits asks as often as waiting takes: so many of its last calls may be missing in a run that went faster. */
const CALLS_THAT_VARY = 4
/** How often a call is waited for that a run did not make. */
const TRIES = 3

interface Kill {
  readonly at: number
  readonly when: 'before' | 'after'
  readonly then: 'rollback' | 'the same step'
}

/** The real `dist/` under load, killed by SIGKILL at every command to the supervisor and every write of the ledger. */
describe('a step that is killed before and after each call that leaves it', () => {
  for (const step of STEPS) {
    scenario(
      `${step.name}: rollback and the same step both go on from there, and no request is lost`,
      async (stage) => {
        const sweep = new Sweep(stage, step)
        await stage.live('v1')
        await stage.underLoad({ websockets: 0, slow: { clients: 0, ms: 0 } })
        const calls = await sweep.play()
        for (let at = 1; at <= calls; at += 1) {
          for (const when of ['before', 'after'] as const) {
            await sweep.kill({ at, when, then: 'rollback' })
            await sweep.kill({ at, when, then: 'the same step' })
          }
        }
        const { verdict } = await stage.findings()
        stage.figures.push(`${calls} calls left the step, ${sweep.kills} kills`)
        expect(sweep.kills).toBeGreaterThan(4 * (calls - CALLS_THAT_VARY))
        expect(calls).toBeGreaterThan(3)
        expect(verdict.sent).toBeGreaterThan(LEAST_REQUESTS)
        if (verdict.lost > 0) throw new Error(describeVerdict(verdict))
      },
      { timing: { drain: '1s' }, confirmed: false, limitMs: 1_800_000 },
    )
  }
})

/** Runs one after the other on one service; each tries a release of its own. */
class Sweep {
  readonly #stage: ScenarioStage
  readonly #step: KilledStep
  kills = 0
  #releases = 1
  #stable = 'v1'

  constructor(stage: ScenarioStage, step: KilledStep) {
    this.#stage = stage
    this.#step = step
  }

  /** Kills a step at one call; a run that had come to its end before that call is repeated. */
  async kill(kill: Kill): Promise<void> {
    const before = this.kills
    for (let tries = 0; tries < TRIES && this.kills === before; tries += 1) await this.play(kill)
  }

  /** One run, its step killed or not, and what follows. Returns how many calls left the step. */
  async play(kill?: Kill): Promise<number> {
    const { action, inputs, before, promotes } = this.#step
    const version = `v${++this.#releases}`
    const calls = join(this.#stage.folder, 'calls')
    for (const file of [calls, `${calls}.over`]) rmSync(file, { force: true })
    const steps = [
      ...before(version),
      uses(action, inputs(version), ['continue-on-error: true']),
      kill?.then === 'rollback' ? uses('rollback') : uses(action, inputs(version)),
      uses('rollback'),
    ]
    const env = {
      NODE_OPTIONS: `--import=${PRELOAD}`,
      KILL_STEP: action,
      KILL_CALLS: calls,
      KILL_AT: `${kill?.at ?? 0}`,
      KILL_WHEN: kill?.when ?? '',
    }
    const result = await this.#stage.run(workflow(job({ id: 'release', steps })), { env })
    const what = kill === undefined ? 'undisturbed' : `killed ${kill.when} call ${kill.at}, then ${kill.then}`
    if (result.conclusion !== 'success') throw new Error(`${what}: ${result.conclusion}\n${logsOf(result)}`)
    const made = readFileSync(calls, 'utf8').split('\n').filter(Boolean).length
    const killed = readFileSync(`${calls}.over`, 'utf8') === 'killed'
    if (killed) this.kills += 1
    else if (kill !== undefined && made >= kill.at)
      throw new Error(`${what}: nothing was killed\n${logsOf(result)}`)
    const serves = await this.#serves()
    const expected = !promotes
      ? [this.#stable]
      : kill?.then === 'rollback'
        ? [this.#stable, version]
        : [version]
    if (!expected.includes(serves))
      throw new Error(`${what}: ${serves} serves instead of ${expected.join(' or ')}\n${logsOf(result)}`)
    await this.#stage.gone(serves === version ? this.#stable : version)
    this.#stable = serves
    return made
  }

  async #serves(): Promise<string> {
    const answer = await fetch(this.#stage.platform.publicUrl)
    const { version } = (await answer.json()) as { version: string }
    return version
  }
}
