import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JobResult, RunResult } from '../test/github/run-workflow.ts'
import type { Release } from './releases.ts'
import { keptFolder } from './workplace.ts'

/** Files that stay when the demo is over, below `.tuesday/demo`. */
export class Keepsakes {
  readonly folder = keptFolder

  /** Throws away those of the run before. */
  constructor() {
    rmSync(this.folder, { recursive: true, force: true })
    mkdirSync(this.folder, { recursive: true })
  }

  /** Keeps a workflow run: a summary for each job, as GitHub shows it, and the whole log. */
  keepRun({ version }: Release, result: RunResult): void {
    for (const job of result.jobRuns) {
      const summary = summaryOf(job)
      if (summary !== '') this.#write('summaries', `${version}-${job.id}.md`, summary)
    }
    this.#write('logs', `${version}.log`, result.jobRuns.map(logOf).join('\n'))
  }

  /** Keeps what every client saw; only where something was lost, since it is large. */
  keepRecord(file: string): void {
    cpSync(file, join(this.folder, 'requests.ndjson'))
  }

  #write(kind: string, name: string, text: string): void {
    const folder = join(this.folder, kind)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** A job's summary is what its steps wrote, one after the other. */
function summaryOf({ steps }: JobResult): string {
  const files = steps.flatMap(({ summaryFile }) => (summaryFile === undefined ? [] : [summaryFile]))
  return files.map((file) => readFileSync(file, 'utf8')).join('\n')
}

function logOf({ key, result, steps }: JobResult): string {
  const said = steps.map(({ name, stage, outcome, log }) => `── ${name} (${stage}): ${outcome}\n${log}`)
  return `══ job ${key}: ${result}\n${said.join('\n')}`
}
