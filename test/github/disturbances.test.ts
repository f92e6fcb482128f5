import { afterAll, describe, expect, it } from '@jest/globals'
import { existsSync, readFileSync } from 'node:fs'
import { job, removeRepositories, start, step } from './a-repository.ts'

afterAll(removeRepositories)

/** Short, for what ignores the signals; still enough for a starved machine to hear each of them. */
const grace = { sigtermAfterMs: 700, sigkillAfterMs: 700 }
/** For what leaves by itself: it is not waited for to be over. */
const patience = { sigtermAfterMs: 10_000, sigkillAfterMs: 10_000 }
const within = { deadlineMs: 10_000 }

function holding(action: string): string {
  return `
jobs:
  canary:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - { id: hold, uses: ./actions/${action} }
      - { id: next, run: 'true' }
      - { id: failed, if: failure(), run: 'true' }
      - { id: cancelled, if: cancelled(), run: "echo \${{ job.status }}" }
      - { id: always, if: always(), run: "echo \${{ steps.hold.outcome }}" }
  closing:
    needs: canary
    if: always() && needs.canary.result != 'success'
    runs-on: ubuntu-latest
    steps: [{ id: see, run: "echo \${{ needs.canary.result }}" }]
`
}

describe('a cancelled run', () => {
  it('trap 37: interrupts the process, then always() and cancelled() steps run, post steps and closing jobs', async () => {
    const run = await start(holding('graceful'), { grace: patience })
    await run.waitFor({ type: 'line', step: 'hold', line: /holding/ }, within)
    run.cancel()
    const result = await run.finished
    expect(step(result, 'canary', 'hold')).toMatchObject({ outcome: 'cancelled' })
    expect(step(result, 'canary', 'hold').log).toContain('got SIGINT, leaving')
    const outcomes = job(result, 'canary').steps.map((one) => `${one.id} ${one.stage} ${one.outcome}`)
    expect(outcomes.slice(2)).toEqual([
      'next main skipped',
      'failed main skipped',
      'cancelled main success',
      'always main success',
      'hold post success',
    ])
    expect(step(result, 'canary', 'cancelled').log).toBe('cancelled\n')
    expect(step(result, 'canary', 'hold', 'post').log).toBe('post status=cancelled\n')
    expect(step(result, 'closing', 'see').log).toBe('cancelled\n')
    expect(result.conclusion).toBe('cancelled')
  })

  it('trap 37: terminates, then kills the process that does not listen; what it had written still counts', async () => {
    const run = await start(holding('stubborn'), { grace })
    await run.waitFor({ type: 'line', step: 'hold', line: /holding/ }, within)
    const before = performance.now()
    run.cancel()
    const result = await run.finished
    expect(performance.now() - before).toBeGreaterThanOrEqual(1_400)
    expect(step(result, 'canary', 'hold').log).toContain('got SIGINT\ngot SIGTERM\n')
    expect(step(result, 'canary', 'hold').outputs).toEqual({ written: 'before the end' })
    expect(step(result, 'canary', 'hold', 'post').log).toBe('post was=here\n')
    expect(job(result, 'canary').result).toBe('cancelled')
  })

  it('lets a step go on whose condition is still true', async () => {
    const run = await start(
      `jobs: { one: { runs-on: ubuntu-latest, steps: [{ id: keep, if: always(), run: 'echo begun; sleep 1.6; echo ended' }, { id: next, run: 'true' }] } }`,
      { grace },
    )
    await run.waitFor({ type: 'line', step: 'keep', line: /begun/ }, within)
    run.cancel()
    const result = await run.finished
    expect(step(result, 'one', 'keep')).toMatchObject({ outcome: 'success', log: 'begun\nended\n' })
    expect(step(result, 'one', 'next').outcome).toBe('skipped')
    expect(job(result, 'one').result).toBe('cancelled')
  })

  it('ends the waiting for an approval', async () => {
    const run = await start(
      `jobs: { one: { runs-on: ubuntu-latest, environment: production, steps: [{ run: 'true' }] } }`,
      { approve: () => new Promise(() => undefined) },
    )
    await run.waitFor({ type: 'job-waiting', job: 'one' }, within)
    run.cancel()
    expect(job(await run.finished, 'one')).toMatchObject({ result: 'cancelled', steps: [] })
  })
})

describe('a killed process', () => {
  it('fails its step, and the job goes on', async () => {
    const run = await start(holding('stubborn'))
    await run.waitFor({ type: 'line', step: 'hold', line: /holding/ }, within)
    expect(run.killStep('canary')).toBe(true)
    const result = await run.finished
    expect(step(result, 'canary', 'hold').outcome).toBe('failure')
    expect(step(result, 'canary', 'failed').outcome).toBe('success')
    expect(step(result, 'canary', 'hold', 'post').log).toBe('post was=here\n')
    expect(job(result, 'canary').result).toBe('failure')
  })
})

describe('a lost runner', () => {
  it('trap 37: runs nothing more, no always() step and no post step; other jobs see a failure', async () => {
    const run = await start(holding('stubborn'))
    await run.waitFor({ type: 'line', step: 'hold', line: /holding/ }, within)
    run.killRunner('canary')
    const result = await run.finished
    expect(job(result, 'canary').steps.map((one) => one.id)).toEqual(['__actions_checkout', 'hold'])
    expect(job(result, 'canary').result).toBe('failure')
    expect(step(result, 'closing', 'see').log).toBe('failure\n')
  })
})

describe('a run that is ended', () => {
  it('leaves nothing at work and starts nothing more, whatever its conditions say', async () => {
    const run = await start(holding('stubborn'))
    await run.waitFor({ type: 'line', step: 'hold', line: /holding/ }, within)
    await run.end()
    const result = await run.finished
    expect(job(result, 'canary').steps.map(({ id }) => id)).not.toContain('always')
    expect(job(result, 'closing')).toMatchObject({ result: 'skipped', steps: [] })
  })
})

describe('what a job leaves running', () => {
  it('trap 45: is killed after it, unless it has cleared RUNNER_TRACKING_ID', async () => {
    const run = await start(
      `jobs: { one: { runs-on: ubuntu-latest, steps: [{ uses: actions/checkout@v5 }, { id: leave, uses: ./actions/leaver }] } }`,
    )
    const result = await run.finished
    const [, left, hid] = /left (\d+) hid (\d+)/.exec(step(result, 'one', 'leave').log) ?? []
    try {
      await ended(Number(left))
      expect(isRunning(Number(hid))).toBe(true)
    } finally {
      if (isRunning(Number(hid))) process.kill(Number(hid), 'SIGKILL')
    }
  })
})

/** SIGKILL takes effect a moment after it was sent. */
async function ended(pid: number): Promise<void> {
  const deadline = performance.now() + 10_000
  while (isRunning(pid)) {
    if (performance.now() > deadline) throw new Error(`Process ${pid} still runs`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A process that was killed may still be a zombie until its parent takes note. */
function isRunning(pid: number): boolean {
  if (!existsSync('/proc')) {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
