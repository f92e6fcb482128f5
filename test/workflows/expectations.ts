import { expect } from '@jest/globals'
import type { RunResult, StepResult } from '../github/run-workflow.ts'
import { problemsSeen, SHARE_POINTS, shareOf, type Findings } from './findings.ts'
import { logsOf } from './scenario-stage.ts'

/** How a run and its jobs ended. */
export function conclusions(result: RunResult): Record<string, string> {
  const jobs = result.jobRuns.map((job) => [job.key, job.result] as const)
  return { run: result.conclusion, ...Object.fromEntries(jobs) }
}

/** The main stage of a step, in whichever job it ran last. @throws Error with the logs if there is none */
export function resultOf(result: RunResult, step: string): StepResult {
  const steps = result.jobRuns.flatMap((job) => job.steps)
  const found = steps.findLast((one) => one.id === step && one.stage === 'main')
  if (found === undefined)
    throw new Error(`no step ${step}; there are ${steps.map((one) => one.id).join(', ')}\n${logsOf(result)}`)
  return found
}

/** No request was lost, and no sticky client went to and fro. */
export function expectNothingLost(
  findings: Findings,
  rollout: Parameters<typeof problemsSeen>[1] = {},
): void {
  expect(problemsSeen(findings, rollout)).toEqual([])
}

/** A version got its share of the requests without cookies, ± 3 points. */
export function expectShare(
  findings: Findings,
  version: string,
  percent: number,
  moments: { from: number; to: number },
): void {
  const found = shareOf(findings, version, moments)
  expect(Math.abs((found.percent ?? -Infinity) - percent)).toBeLessThanOrEqual(SHARE_POINTS)
}
