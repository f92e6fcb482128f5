import type { Mutation } from './mutation.js'

const JUDGE = 'src/analysis'
const TESTS = 'test/analysis'

/** What keeps the methods of others, and judging again, from saying more than was seen. */
export const METHODS: readonly Mutation[] = [
  {
    guards: 'threshold: no data is never a pass',
    file: `${JUDGE}/threshold.ts`,
    line: "if (measuredHere(measurements, here) === 0) return inconclusive('no data of the candidate')",
    becomes: '',
    test: `${TESTS}/threshold.test.ts`,
    named: 'of a scalar',
  },
  {
    guards: 'threshold: a failure is not broken off by a gap in the data',
    file: `${JUDGE}/threshold.ts`,
    line: 'if (candidate?.value === undefined) continue',
    becomes: 'if (candidate?.value === undefined) { row = 0; continue }',
    test: `${TESTS}/threshold.test.ts`,
    named: 'in a row',
  },
  {
    guards: 'threshold: too few requests are no pass',
    file: `${JUDGE}/threshold.ts`,
    line: "if (rule.kind === 'scalar' || seen >= minSamples) return undefined",
    becomes: 'return undefined',
    test: `${TESTS}/threshold.test.ts`,
    named: 'enough requests were seen',
  },
  {
    guards: 'mann-whitney: what so few values cannot tell apart is no data',
    file: `${JUDGE}/mann-whitney/mann-whitney-classification.ts`,
    line: "if (!Number.isFinite(shift.low)) return { classification: 'no-data', ...compared }",
    becomes: '',
    test: `${TESTS}/mann-whitney/mann-whitney.test.ts`,
    named: 'too few minutes',
  },
  {
    guards: 'mann-whitney: zeros are not made up for a side without data',
    file: `${JUDGE}/mann-whitney/mann-whitney-values.ts`,
    line: "const filled = missing === 'zero' && known.length > 0 ? values.map((value) => value ?? 0) : known",
    becomes: "const filled = missing === 'zero' ? values.map((value) => value ?? 0) : known",
    test: `${TESTS}/mann-whitney/mann-whitney.test.ts`,
    named: 'makes up no zeros',
  },
  {
    guards: 'score: a group without data leaves no score',
    file: `${JUDGE}/mann-whitney/mann-whitney-score.ts`,
    line: 'const silent = groups.find(({ part }) => part === undefined)',
    becomes: 'const silent = groups.find(() => false)',
    test: `${TESTS}/mann-whitney/mann-whitney-score.test.ts`,
    named: 'without data',
  },
  {
    guards: 'temper: one minute of stable, or one pod, does not silence a verdict',
    file: `${JUDGE}/e-value/single-incident.ts`,
    line: 'return withoutTheWorst === undefined ? whole : Math.min(whole, MOST_BY_ONE * withoutTheWorst)',
    becomes: 'return whole',
    test: `${TESTS}/e-value/temper.test.ts`,
    named: 'ten minutes ago',
  },
  {
    guards: 'dry run: what is only reported decides nothing',
    file: `${JUDGE}/summary.ts`,
    line: 'return metric.dryRun === true',
    becomes: 'return false',
    test: `${TESTS}/methods-together.test.ts`,
    named: 'not only reported',
  },
  {
    guards: 'dry run: it does not end a hold by itself',
    file: `${JUDGE}/judge.ts`,
    line: 'this.#deciding = this.#metrics.filter((_, index) => rules[index]?.threshold?.dryRun !== true)',
    becomes: 'this.#deciding = this.#metrics',
    test: `${TESTS}/methods-together.test.ts`,
    named: 'reported alone',
  },
  {
    guards: 'replay: a report whose last look had no data does not pass',
    file: 'src/replay/judge-file.ts',
    line: 'const now = judgedWithoutData(judgeBlocks(parameters, blocks), noData)',
    becomes: 'const now = judgeBlocks(parameters, blocks)',
    test: 'test/replay/judge-file.test.ts',
    named: 'had no data',
  },
]
