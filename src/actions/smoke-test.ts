import type { Config } from '../config/config.js'
import type { CheckTarget } from '../rollout/check.js'
import { UserError } from '../rollout/user-error.js'
import type { SmokeResults } from '../smoke/run-smoke-checks.js'
import type { CheckResult, SmokeCheck } from '../smoke/smoke-check.js'
import type { SummaryTable } from '../workflow/rollout-report.js'
import { runAction, type Stage } from '../workflow/run-action.js'
import { onService, type Done } from './on-service.js'
import type { Wired } from './wiring.js'

/** All checks together may take this long, in milliseconds. */
export const SMOKE_BUDGET_MS = 60_000

/** A header's variable that is shorter is a word like `on`, which would mask half of the log (trap 35). */
const SHORTEST_SECRET = 6

/** Asks the candidate, or the public address, the checks of the config. */
export function smokeTest(): Promise<void> {
  return runAction('smoke-test', (stage) => {
    const { target, budget } = stage.inputs
    return onService(stage, 'smoke-test', {}, async (wired) => {
      const done = await smokeOn(stage, wired, { target, budgetMs: budget ?? SMOKE_BUDGET_MS })
      stage.outputs.set('passed', done.passed)
      stage.outputs.set('failed', done.failed)
      return done
    })
  })
}

export interface SmokeWish {
  readonly target: 'candidate' | 'live'
  readonly budgetMs: number
}

/** Runs the checks of the config against one side, through the conductor, and makes a table of them. */
export async function smokeOn(
  stage: Stage,
  { config, conductor, publicUrl }: Wired,
  { target, budgetMs }: SmokeWish,
): Promise<Done & { passed: number; failed: number }> {
  const checks = await checksOf(stage, config)
  const { runSmokeChecks } = await import('../smoke/run-smoke-checks.js')
  const { resultsInWords } = await import('../smoke/results-in-words.js')
  let results: SmokeResults = { all: [], passed: [], failed: [] }
  const outcome = await conductor.check({
    target,
    publicUrl,
    candidateUrl: undefined,
    run: async ({ url, version, shared, header }: CheckTarget) => {
      const { confirm } = config
      results = await runSmokeChecks(checks, {
        baseUrl: url,
        headers: header === undefined ? {} : { [header.name]: header.value },
        expectVersion:
          confirm === undefined || shared === true ? undefined : { version, from: confirm.version },
        budgetMs,
        redact: (text) => stage.masks.redact(text),
        narrate: (line) => stage.narrator.say(line),
        signal: stage.signal,
      })
      return { passed: results.failed.length === 0, sentence: resultsInWords(results, version) }
    },
  })
  const { all, passed, failed } = results
  return {
    outcome,
    passed: passed.length,
    failed: failed.length,
    ...(all.length > 0 && { tables: [tableOf(all)] }),
  }
}

/** @throws UserError where the config has none: a step that asks nothing must not look like one that passed. */
async function checksOf(stage: Stage, config: Config): Promise<readonly SmokeCheck[]> {
  const { readSmokeChecks } = await import('../config/smoke-checks.js')
  const checks = await readSmokeChecks(config, stage.environment.workspace, process.env, (name, value) => {
    if (value.length >= SHORTEST_SECRET) stage.masks.add(`the variable ${name}`, value)
  })
  if (checks.length > 0) return checks
  throw new UserError(`${config.file} has no smoke checks`, {
    hint: 'Write them under `smoke:`, such as - { path: /health, contains: ok }.',
  })
}

function tableOf(results: readonly CheckResult[]): SummaryTable {
  return {
    title: 'Smoke checks',
    columns: ['check', 'result', 'took', 'what was found'],
    rows: results.map(({ name, passed, ms, sentence }) => [
      name,
      passed ? 'passed' : 'failed',
      `${Math.round(ms)} ms`,
      sentence,
    ]),
  }
}
