import { afterAll, describe, expect, it } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { job, removeRepositories, repositoryWith, step } from './a-repository.ts'
import {
  ConcurrencyGroups,
  problemsOfAction,
  problemsOfWorkflow,
  runWorkflow,
  startWorkflow,
  type RunResult,
} from './run-workflow.ts'

afterAll(removeRepositories)

const workflow = `
jobs:
  deploy:
    runs-on: ubuntu-latest
    outputs: { state: "\${{ steps.out.outputs.state }}" }
    steps: [{ id: out, run: 'echo "state=of-attempt-$GITHUB_RUN_ATTEMPT" >> "$GITHUB_OUTPUT"' }]
  beside: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  canary:
    needs: deploy
    runs-on: ubuntu-latest
    steps: [{ id: see, run: 'echo "$GITHUB_RUN_ID.$GITHUB_RUN_ATTEMPT \${{ needs.deploy.outputs.state }}"; test "$GITHUB_RUN_ATTEMPT" != 1' }]
  closing: { needs: canary, if: always(), runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
`

describe('a re-run', () => {
  async function twice(reRun: 'all' | 'failed' | { job: string }): Promise<RunResult> {
    const repository = await repositoryWith(workflow)
    const previousAttempt = await runWorkflow({ ...repository, runId: '42' })
    expect(previousAttempt.conclusion).toBe('failure')
    const asJson: unknown = JSON.parse(JSON.stringify(previousAttempt))
    expect(asJson).toEqual(previousAttempt)
    return runWorkflow({ ...repository, previousAttempt, reRun })
  }
  const attempts = (result: RunResult): Record<string, number> =>
    Object.fromEntries(result.jobRuns.map((one) => [one.id, one.attempt]))

  it('trap 40: of the failed jobs reuses the outputs of the others, stale as they are', async () => {
    const result = await twice('failed')
    expect(attempts(result)).toEqual({ deploy: 1, beside: 1, canary: 2, closing: 2 })
    expect(step(result, 'canary', 'see').log).toBe('42.2 of-attempt-1\n')
    expect(result.conclusion).toBe('success')
  })

  it('of all jobs starts anew under the same run id', async () => {
    const result = await twice('all')
    expect(attempts(result)).toEqual({ deploy: 2, beside: 2, canary: 2, closing: 2 })
    expect(step(result, 'canary', 'see').log).toBe('42.2 of-attempt-2\n')
  })

  it('of one job takes along what depends on it', async () => {
    expect(attempts(await twice({ job: 'deploy' }))).toEqual({ deploy: 2, beside: 1, canary: 2, closing: 2 })
  })
})

describe('concurrency groups', () => {
  const grouped = (more = ''): string => `
jobs:
  one:
    runs-on: ubuntu-latest
    concurrency: { group: shop${more} }
    steps: [{ id: hold, run: 'echo begun; cat "$GATE"' }]
`

  it('trap 39: let one run and one wait; a newer one cancels the one that waits', async () => {
    const concurrency = new ConcurrencyGroups()
    const repository = await repositoryWith(grouped())
    const gate = `${repository.source}/gate`
    const { execFileSync } = await import('node:child_process')
    const { writeFile } = await import('node:fs/promises')
    execFileSync('mkfifo', [gate])
    const begin = (runId: string): ReturnType<typeof startWorkflow> =>
      startWorkflow({
        ...repository,
        folder: `${repository.folder}-${runId}`,
        runId,
        concurrency,
        env: { GATE: gate },
      })
    const first = begin('1')
    await first.waitFor({ type: 'line', line: /begun/ }, { deadlineMs: 5_000 })
    const second = begin('2')
    await second.waitFor({ type: 'job-queued', job: 'one' }, { deadlineMs: 5_000 })
    const third = begin('3')
    expect((await second.finished).conclusion).toBe('cancelled')
    expect(third.events.some((event) => event.type === 'job-started')).toBe(false)
    await writeFile(gate, 'open\n')
    expect((await first.finished).conclusion).toBe('success')
    await third.waitFor({ type: 'line', line: /begun/ }, { deadlineMs: 5_000 })
    await writeFile(gate, 'open\n')
    expect((await third.finished).conclusion).toBe('success')
  })
})

describe('a file that GitHub would refuse', () => {
  it('is refused with line and column, and nothing runs', async () => {
    const { file } = await repositoryWith(`
jobs:
  one: { runs-on: ubuntu-latest, needs: nobody, steps: [{ run: "\${{ nothing.here }}", usess: x }] }
`)
    const problems = await problemsOfWorkflow(file)
    expect(problems.join('\n')).toContain('usess')
    expect(problems[0]).toMatch(/Line: 4, Col: \d+/)
    await expect(runWorkflow({ file, source: file })).rejects.toThrow('GitHub would refuse')
  })

  it('is refused if it does not run on the event', async () => {
    const { file, source } = await repositoryWith(workflow)
    await expect(runWorkflow({ file, source, event: { name: 'schedule' } })).rejects.toThrow(
      "does not run on 'schedule'",
    )
  })

  it('is told of an action.yml too', async () => {
    const { source } = await repositoryWith(workflow)
    const file = `${source}/actions/record/action.yml`
    expect(await problemsOfAction(file)).toEqual([])
    writeFileSync(file, readFileSync(file, 'utf8').replace('default: hello', 'default: ${{ secrets.KEY }}'))
    expect((await problemsOfAction(file)).join('\n')).toContain('secrets')
  })

  it('is not the case for the fixtures’ own', async () => {
    const { file } = await repositoryWith(workflow)
    expect(readFileSync(file, 'utf8')).toContain('on: push')
    expect(await problemsOfWorkflow(file)).toEqual([])
  })
})

describe('events', () => {
  it('are told in order, past ones too, and a missing one says what came instead', async () => {
    const run = startWorkflow(
      await repositoryWith(
        `jobs: { one: { runs-on: ubuntu-latest, steps: [{ id: say, run: echo hello }] } }`,
      ),
    )
    const result = await run.finished
    expect(job(result, 'one').result).toBe('success')
    expect(run.events.map((event) => event.type)).toEqual([
      'job-started',
      'step-started',
      'process-started',
      'line',
      'step-finished',
      'job-finished',
    ])
    await expect(run.waitFor({ type: 'line', line: /hello/ }, { deadlineMs: 100 })).resolves.toMatchObject({
      step: 'say',
    })
    await expect(run.waitFor({ type: 'line', line: /goodbye/ }, { deadlineMs: 100 })).rejects.toThrow(
      /The run ended without.*line[^]*hello/,
    )
  })
})
