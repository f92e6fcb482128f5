import type { RunEvent } from '../test/github/run-workflow.ts'
import type { Second } from '../test/load/live-statistics.ts'
import type { Release } from './releases.ts'
import type { Slot } from './slots.ts'

export type StepState = 'to come' | 'at work' | 'done' | 'failed' | 'skipped'

/** The steps of `workflows/release.yml` that are shown, by their ids; `approve` is a job. */
export const shownSteps = {
  migrate: 'migrate',
  deploy: 'deploy',
  'smoke-test': 'smoke test',
  'canary-5': '5 %',
  'canary-25': '25 %',
  approve: 'approval',
  'canary-50': '50 %',
  'canary-100': '100 %',
} as const
export type ShownStep = keyof typeof shownSteps

/** One release on its way. */
export interface Act {
  readonly release: Release
  readonly steps: Map<ShownStep, StepState>
  /** How it ended; undefined while it has not. */
  ending: { readonly good: boolean; readonly sentence: string } | undefined
}

/** All that is on the screen, kept up to date by what the workflow runs, the load and the platform say. */
export class Show {
  readonly acts: readonly Act[]
  readonly #startedAt = performance.now()
  /** What is being done beside the workflow runs. */
  doing = ''
  /** The last finding of a hold, or the verdict that ended it. */
  verdict = ''
  slots: readonly Slot[] = []
  second: Second | undefined
  /** The last lines that steps have said. */
  readonly said: string[] = []

  constructor(releases: readonly Release[]) {
    this.acts = releases.map((release) => ({ release, steps: new Map(), ending: undefined }))
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000
  }

  act(release: Release): Act {
    const act = this.acts.find((one) => one.release === release)
    if (act === undefined) throw new Error(`${release.version} is not in the show`)
    return act
  }

  /** The release that is on its way now. */
  get current(): Act | undefined {
    return this.acts.findLast((act) => act.steps.size > 0 && act.ending === undefined)
  }

  hear(release: Release, event: RunEvent): void {
    const { steps } = this.act(release)
    if (event.type === 'job-waiting' && event.job === 'approve') steps.set('approve', 'at work')
    else if (event.type === 'job-finished' && event.job === 'approve')
      steps.set('approve', event.result === 'success' ? 'done' : 'skipped')
    else if (event.type === 'step-started' && event.stage === 'main' && isShown(event.step))
      steps.set(event.step, 'at work')
    else if (event.type === 'step-finished' && event.stage === 'main' && isShown(event.step))
      steps.set(event.step, stateAfter(event.outcome))
    else if (event.type === 'line') this.#listen(event.line)
  }

  #listen(line: string): void {
    const text = line.trim()
    const finding = FINDING.exec(text)?.groups
    if (finding !== undefined) {
      // A look between two whole seconds has seen nothing new.
      if (!text.includes('no requests')) this.verdict = `${finding['verdict']} so far: ${finding['figures']}`
    } else if (text.startsWith('Waiting for ')) {
      this.doing = text
    } else if (!NOISE.test(text)) {
      if (text.startsWith('##[error]')) this.verdict = `fail: ${text.slice('##[error]'.length)}`
      this.said.push(text.replace(/^##\[(\w+)\]/, '$1: '))
      this.said.splice(0, this.said.length - SAID_LIMIT)
    }
  }
}

/** What a look of a hold found, as the log has it. */
const FINDING = /(?<figures>stable .*; candidate .*): (?<verdict>pass|fail|inconclusive)$/
/** Lines of a log that say nothing about the rollout, or only how far a wait is. */
const NOISE = /^$|^##\[(end)?group\]|^::|^Run |^Checked out |^waited |^[\d.]+m?s of at most /

/** Lines that are kept for the screen. */
const SAID_LIMIT = 5

function isShown(step: string): step is ShownStep {
  return step in shownSteps
}

function stateAfter(outcome: string): StepState {
  if (outcome === 'success') return 'done'
  return outcome === 'skipped' ? 'skipped' : 'failed'
}
