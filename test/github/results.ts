/** What a run leaves: plain data, so that it can be kept as JSON and handed to the next attempt. */
import type { Annotation } from './annotations.ts'

export type Result = 'success' | 'failure' | 'cancelled' | 'skipped'
export type Stage = 'pre' | 'main' | 'post'

export interface StepResult {
  /** The step's `id:`, or the name GitHub gives it. Post steps keep the id of their main step. */
  id: string
  name: string
  stage: Stage
  /** Before `continue-on-error`. */
  outcome: Result
  /** After `continue-on-error`. */
  conclusion: Result
  outputs: Record<string, string>
  /** Output as GitHub's log shows it: secrets hidden, commands as `##[error]…`. */
  log: string
  /** The job summary this step wrote, secrets hidden; not there if it wrote none or more than 1 MiB. */
  summaryFile?: string
  annotations: Annotation[]
  seconds: number
}

export interface JobResult {
  /** The job's id in the file. */
  id: string
  /** The id, with the matrix values in brackets: unique within a run. */
  key: string
  name: string
  result: Result
  outputs: Record<string, string>
  steps: StepResult[]
  /** Annotations of the job itself: dropped outputs, refused approvals, a lost runner. */
  annotations: Annotation[]
  seconds: number
  /** The environment the job named. `deployment`: whether GitHub writes a record of its own (trap 46). */
  environment?: { name: string; url: string; deployment: boolean }
  /** The attempt in which it ran; an earlier one for a job whose result was reused. */
  attempt: number
}

export interface RunResult {
  runId: string
  runNumber: number
  attempt: number
  conclusion: 'success' | 'failure' | 'cancelled'
  /** By job id, matrix instances merged: what `needs.<id>` shows. */
  jobs: Record<string, { result: Result; outputs: Record<string, string> }>
  /** Every job that ran or was skipped, in the order of their end. */
  jobRuns: JobResult[]
  /** Where the folders of all jobs are. */
  folder: string
  seconds: number
}

/** Something that happened, told at once. `atMs` counts from the start of the run. */
export type RunEvent = { atMs: number; job: string } &
  /** It has a place in its concurrency group. */
  (
    | { type: 'job-queued' }
    | { type: 'job-waiting'; environment: string }
    | { type: 'job-started' }
    | { type: 'job-finished'; result: Result }
    | { type: 'step-started'; step: string; name: string; stage: Stage }
    | { type: 'process-started'; step: string; name: string; stage: Stage; pid: number }
    | { type: 'line'; step: string; name: string; stage: Stage; line: string }
    | { type: 'step-finished'; step: string; name: string; stage: Stage; outcome: Result; conclusion: Result }
  )

/** An event without the time, as its source tells it. */
export type Untimed<Event> = Event extends unknown ? Omit<Event, 'atMs' | 'job'> : never
