import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'

const EXAMPLES = resolve(import.meta.dirname, '..', '..', 'examples')

interface Job {
  readonly concurrency?: unknown
  readonly environment?: string | { readonly name: string; readonly deployment?: boolean }
}

interface Workflow {
  readonly concurrency?: unknown
  readonly jobs?: Readonly<Record<string, Job>>
}

const workflows = readdirSync(EXAMPLES)
  .map((name) => ({ name, workflow: parse(readFileSync(join(EXAMPLES, name), 'utf8')) as Workflow }))
  .filter(({ workflow }) => workflow.jobs !== undefined)
const jobs = workflows.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs ?? {}).map(([id, job]) => ({ name, id, job })),
)

/** What the examples must not lead users into. That they work is shown where they are run: test/examples. */
describe('the examples', () => {
  it('are there, with jobs and environments', () => {
    expect(workflows.length).toBeGreaterThanOrEqual(3)
    expect(jobs.filter(({ job }) => job.environment !== undefined).length).toBeGreaterThanOrEqual(5)
  })

  it.each(workflows)('traps 39 and 48: no group that a waiting job would hold ($name)', ({ workflow }) => {
    expect(workflow.concurrency).toBeUndefined()
    for (const job of Object.values(workflow.jobs ?? {})) expect(job.concurrency).toBeUndefined()
  })

  it.each(jobs)('trap 46: GitHub writes no deployment of its own ($name, $id)', ({ job }) => {
    if (job.environment === undefined) return
    expect(job.environment).toMatchObject({ deployment: false })
  })

  it.each(workflows)('trap 38: a person is asked once ($name)', ({ workflow }) => {
    const names = Object.values(workflow.jobs ?? {}).flatMap(({ environment }) =>
      environment === undefined ? [] : [typeof environment === 'string' ? environment : environment.name],
    )
    const asking = names.filter((name) => name.endsWith('-approval'))
    expect(asking).toEqual([...new Set(asking)])
  })
})
