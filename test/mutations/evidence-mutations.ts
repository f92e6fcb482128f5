import type { Mutation } from './mutation.js'

const CORE = 'src/rollout'
const TESTS = 'test/rollout'

/** What keeps a hold from passing what it has not seen, and from hiding what it has. */
export const EVIDENCE: readonly Mutation[] = [
  {
    guards: 'evidence: no data is never a pass',
    file: `${CORE}/evidence/looking.ts`,
    line: 'const judgement = judgedWithoutData(judging.bake.judgement(over), lacking)',
    becomes: 'const judgement = judging.bake.judgement(over)',
    test: `${TESTS}/going-back.test.ts`,
    named: 'without enough evidence',
  },
  {
    guards: 'evidence: what earlier steps counted passes no hold that counts nothing itself',
    file: `${CORE}/evidence/looking.ts`,
    line: 'const lacking = this.#noData ?? (holdOver ? this.#uncounted() : undefined)',
    becomes: 'const lacking = this.#noData',
    test: `${TESTS}/no-data.test.ts`,
    named: 'before its first window is complete',
  },
  {
    guards: 'evidence: a report without data is judged again as one whose hold is not over',
    file: `${CORE}/evidence/looking.ts`,
    line: 'const over = holdOver && lacking === undefined',
    becomes: 'const over = holdOver',
    test: `${TESTS}/no-data.test.ts`,
    named: 'judged again',
  },
  {
    guards: 'evidence: no data for too long is a failure',
    file: `${CORE}/hold.ts`,
    line: "const harm = judgement?.verdict === 'fail' ? judgement.reason : tooSilent",
    becomes: "const harm = judgement?.verdict === 'fail' ? judgement.reason : undefined",
    test: `${TESTS}/no-data.test.ts`,
    named: 'after the time-out',
  },
  {
    guards: 'evidence: requests that nobody makes are no data',
    file: `${CORE}/evidence/silence.ts`,
    line: 'if (candidate !== undefined && !isEmpty(candidate)) this.#heardMs.set(name, nowMs)',
    becomes: 'if (candidate !== undefined) this.#heardMs.set(name, nowMs)',
    test: `${TESTS}/no-data.test.ts`,
    named: 'requests that nobody makes',
  },
  {
    guards: 'evidence: a source with a wrong clock has no data',
    file: `${CORE}/evidence/source-clock.ts`,
    line: 'if (Math.abs(nearest) < SKEW_LIMIT_MS) return undefined',
    becomes: 'return undefined',
    test: `${TESTS}/no-data.test.ts`,
    named: 'one line says which clock',
  },
  {
    guards: 'evidence: a source that hangs hides no dead candidate',
    file: `${CORE}/attended.ts`,
    line: "if (reason !== undefined) return { kind: 'sick', reason }",
    becomes: '',
    test: `${TESTS}/no-data.test.ts`,
    named: 'hides no candidate',
  },
  {
    guards: 'evidence: a hold is a promise of time',
    file: `${CORE}/hold.ts`,
    line: 'if (analysis?.earlyPass !== true || !isProven(judgement)) return undefined',
    becomes: 'if (!isProven(judgement)) return undefined',
    test: `${TESTS}/early-pass.test.ts`,
    named: 'held to the end',
  },
  {
    guards: 'evidence: only proof ends a hold early',
    file: `${CORE}/hold.ts`,
    line: "return judgement?.verdict === 'pass' && judgement.early === true",
    becomes: 'return judgement !== undefined',
    test: `${TESTS}/early-pass.test.ts`,
    named: 'only proof',
  },
  {
    guards: 'evidence: what another release did in its place is not held for stable’s past',
    file: `${CORE}/evidence/stable-history.ts`,
    line: 'const fromMs = Number.isNaN(since) ? wanted : Math.max(wanted, since)',
    becomes: 'const fromMs = wanted',
    test: `${TESTS}/evidence/stable-history.test.ts`,
    named: 'before the release was stable',
  },
  {
    guards: 'evidence: stable’s past is judged along',
    file: `${CORE}/evidence/looking.ts`,
    line: 'for (const block of [...this.#earlier.blocks, ...blocks]) bake.add(block)',
    becomes: 'for (const block of blocks) bake.add(block)',
    test: `${TESTS}/hold.test.ts`,
    named: 'at 100 % at once, as blue-green',
  },
  {
    guards: 'evidence: counts add up when they are made coarser',
    file: `${CORE}/evidence/add-samples.ts`,
    line: 'bad: one.bad + other.bad,',
    becomes: 'bad: one.bad,',
    test: `${TESTS}/evidence/evidence-limit.test.ts`,
    named: 'evidence',
  },
]
