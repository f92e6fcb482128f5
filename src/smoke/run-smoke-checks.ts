import { messageOf } from '../rollout/user-error.js'
import { ask, type Reply } from './ask.js'
import { harmless } from './harmless-text.js'
import { faultsOf, type ExpectedVersion } from './judge-reply.js'
import type { CheckResult, SmokeCheck } from './smoke-check.js'

/** Checks that are asked side by side. */
const SIDE_BY_SIDE = 4
/** Pause before a check is asked again, in milliseconds. */
const RETRY_PAUSE_MS = 500

export interface SmokeRun {
  readonly baseUrl: URL
  /** Sent with each request besides its own. */
  readonly headers: Readonly<Record<string, string>>
  /** Absent: whichever version answers will do. */
  readonly expectVersion: ExpectedVersion | undefined
  /** All checks together, retries included, in milliseconds. */
  readonly budgetMs: number
  /** Takes secrets out of what servers say: the sentences are shown, and kept in the ledger. */
  readonly redact: (text: string) => string
  /** Told a line as each check ends. */
  readonly narrate: (line: string) => void
  readonly signal: AbortSignal
}

export interface SmokeResults {
  readonly passed: readonly CheckResult[]
  readonly failed: readonly CheckResult[]
  /** All, in the order of the checks. */
  readonly all: readonly CheckResult[]
}

/** Asks all checks, four side by side, within one budget. Never rejects for an answer that is wrong or missing. */
export async function runSmokeChecks(checks: readonly SmokeCheck[], run: SmokeRun): Promise<SmokeResults> {
  const over = AbortSignal.any([run.signal, AbortSignal.timeout(run.budgetMs)])
  const all = new Array<CheckResult | undefined>(checks.length)
  const waiting = checks.entries()
  const worker = async (): Promise<void> => {
    for (const [index, check] of waiting) {
      const result = await runOne(check, run, over)
      run.narrate(`${result.passed ? '✓' : '✗'} ${result.name}: ${result.sentence}`)
      all[index] = result
    }
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
  const results = all.filter((result) => result !== undefined)
  return {
    all: results,
    passed: results.filter((result) => result.passed),
    failed: results.filter((result) => !result.passed),
  }
}

async function runOne(check: SmokeCheck, run: SmokeRun, over: AbortSignal): Promise<CheckResult> {
  let result = await tryOnce(check, run, over)
  for (let retry = 1; retry <= check.retries && !result.passed && !over.aborted; retry++) {
    await pause(RETRY_PAUSE_MS, over)
    result = await tryOnce(check, run, over)
    if (result.passed)
      return { ...result, sentence: `${result.sentence}, at try ${retry + 1} of ${check.retries + 1}` }
  }
  if (result.passed || over.aborted || check.retries === 0) return result
  return { ...result, sentence: `${result.sentence}; after ${check.retries + 1} tries` }
}

async function tryOnce(check: SmokeCheck, run: SmokeRun, over: AbortSignal): Promise<CheckResult> {
  const began = performance.now()
  const finished = (passed: boolean, sentence: string): CheckResult => ({
    name: check.name,
    passed,
    ms: performance.now() - began,
    sentence,
  })
  if (over.aborted) return finished(false, overText(run))
  let reply: Reply
  try {
    const { method, body, expect } = check
    // With `./`, since `/items:batch` without its slash would be an address of its own.
    const url = new URL(`./${check.path.replace(/^\/+/, '')}`, withSlash(run.baseUrl))
    // The tester's header wins: a check must not lead itself to another release.
    const headers = { ...check.headers, ...run.headers }
    // Some time beyond the budget of the check, so that a late answer is told from none.
    reply = await ask({ url, method, headers, body, timeoutMs: expect.withinMs + 1_000, signal: over })
  } catch (thrown) {
    if (over.aborted) return finished(false, overText(run))
    return finished(false, harmless(messageOf(thrown)))
  }
  const faults = await faultsOf(reply, check.expect, run.expectVersion, run.redact)
  return finished(
    faults.length === 0,
    faults.length === 0 ? `status ${reply.status} in ${Math.round(reply.ms)} ms` : faults.join('; '),
  )
}

function overText(run: SmokeRun): string {
  return run.signal.aborted
    ? 'not asked: the job was cancelled'
    : `the budget of ${run.budgetMs / 1000} s for all checks was over`
}

function withSlash(url: URL): URL {
  return url.pathname.endsWith('/') ? url : new URL(`${url.pathname}/`, url)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
