import type { Cost, FalseFails, Figures, Noticed } from './figures.ts'
import { fineBuckets, localBuckets, podSigma, tenPercentBuckets } from './latency-traffic.ts'
import { knows, levels, peers, regressions, sigmas, weathers, type Level, type Rule } from './rows.ts'
import { setting } from './setting.ts'
import { targets } from './targets.ts'

const levelNames = Object.keys(levels) as readonly Level[]

const titles: Readonly<Record<Rule, string>> = {
  'at once': 'threshold: error rate of the past minute > 1 %, fails at once',
  '3 allowed': 'threshold: the same, 3 failures allowed',
  '5 checks': 'threshold: success < 99 %, the 5th failed check fails',
  'Mann-Whitney': 'Mann-Whitney, tolerance 25 %, 98 %, each minute',
  z: 'two-proportion z, 5 %, every look',
  shipped: '**the shipped judge, alpha 0.05**',
}

const weatherTitles = {
  calm: 'healthy',
  bursts: 'errors in bursts (mean 3)',
  incident: 'incident of both sides (10 × for 5 min)',
  outage: 'one outage of the candidate (10 s, at any moment)',
} as const

/** All tables, in Markdown. */
export const tablesOf = (figures: Figures, cost: Cost): string =>
  [
    `${setting.requestsPerSecond} requests/s, ${setting.weight} % to the candidate, a look every ${setting.secondsPerBlock} s for 30 min; ${setting.historyBlocks / 6} min of history. False fails with the upper end of a one-sided Clopper-Pearson interval of 95 %, medians with where they lie with 95 % confidence.`,
    rulesTable(figures),
    weatherTable(figures),
    latencyTable(figures),
    costTable(cost),
  ].join('\n\n')

const rulesTable = (figures: Figures): string =>
  table(
    [
      'rule',
      'false fails, healthy, 0.1 % / 1 % errors',
      'median seconds to fail +0.5 / +1 / +2 / +5 points at 0.1 %',
      '+1 / +2 / +5 points at 1 %',
      'runs: healthy, worse',
    ],
    [...peers, 'shipped' as const].map((rule) => {
      const healthy = levelNames.map((level) => figures.falseFails(level, 'calm', rule))
      const noticed = levelNames.map((level) =>
        knows(rule, level) ? regressions[level].map((more) => figures.noticed(level, more, rule)) : [],
      )
      return [
        titles[rule],
        healthy.map(failsText).join(' / '),
        ...noticed.map(
          (each, i) =>
            `${each.length === 0 ? '–' : each.map(secondsText).join(' / ')}${rule === 'shipped' ? ` (at most ${targets.medianSeconds[levelNames[i] ?? '1%'].join(' / ')})` : ''}`,
        ),
        `${number(healthy[0]?.runs)}, ${number(noticed[0]?.[0]?.runs)}`,
      ]
    }),
  )

const weatherTable = (figures: Figures): string =>
  table(
    [
      'false fails of the shipped judge (at most 0.1 %)',
      '0.1 % errors',
      '1 % errors',
      'threshold, 3 failures allowed, 0.1 % errors',
      'runs: shipped, threshold',
    ],
    weathers.map((weather) => [
      weatherTitles[weather],
      ...levelNames.map((level) => failsText(figures.falseFails(level, weather))),
      failsText(figures.falseFails('0.1%', weather, '3 allowed')),
      [
        Math.min(...levelNames.map((level) => figures.falseFails(level, weather).runs)),
        figures.falseFails('0.1%', weather, '3 allowed').runs,
      ]
        .map(number)
        .join(', '),
    ]),
  )

const coarser = [tenPercentBuckets, localBuckets]

const latencyTable = (figures: Figures): string =>
  [
    table(
      [
        'p95 latency, lognormal',
        'false fails (at most 0.1 %)',
        `the same, pods differ (sigma ${100 * podSigma} %, drawn anew each minute)`,
        'median seconds to fail +20 %',
        'the same, pods differ',
        ...coarser.map(({ name }) => `median seconds with buckets ${name}`),
        'runs: healthy, worse',
      ],
      sigmas.map((sigma) => {
        const even = figures.latencyFalseFails(sigma, false)
        const noticed = figures.latencyNoticed(sigma, false)
        return [
          `sigma ${sigma}`,
          failsText(even),
          failsText(figures.latencyFalseFails(sigma, true)),
          `${secondsText(noticed)} (at most ${targets.p95Seconds[`${sigma}`]})`,
          secondsText(figures.latencyNoticed(sigma, true)),
          ...coarser.map((buckets) => secondsText(figures.latencyNoticed(sigma, false, buckets))),
          `${number(even.runs)}, ${number(noticed.runs)}`,
        ]
      }),
    ),
    `Buckets: ${fineBuckets.name}, from 5 ms to 5 s; the 10 % that are tolerated are two of them.`,
  ].join('\n\n')

const costTable = ({ look, bakeMB, fineBakeMB }: Cost): string =>
  table(
    ['what judging takes', 'measured', 'target'],
    [
      [`${LOOK}: errors`, `${look.errors.toFixed(3)} ms`, `< ${targets.lookMs} ms`],
      [`${LOOK}: p95 latency with 20 pods`, `${look.latency.toFixed(3)} ms`, `< ${targets.lookMs} ms`],
      [
        `a bake of 30 min with 5 metrics and 200 pods, blocks included; latencies in the ${localBuckets.edgesMs.length} buckets ${localBuckets.name}`,
        `${bakeMB.toFixed(0)} MB`,
        `< ${targets.bakeMB} MB`,
      ],
      [`the same in ${fineBuckets.edgesMs.length} buckets`, `${fineBakeMB.toFixed(0)} MB`, '–'],
    ],
  )

const LOOK = 'one look of one metric at the end of 30 min with a block each second, median'

/** `0.02 % (≤ 0.05 %)` */
const failsText = ({ share, upper }: FalseFails): string => `${percent(share)} (≤ ${percent(upper)})`

const percent = (share: number): string => `${share === 0 ? 0 : Number((100 * share).toPrecision(2))} %`

/** A median that is not reached within the bake is none: then the share that was found stands in its place. */
const secondsText = ({ medianSeconds, between: [low, high], found }: Noticed): string =>
  Number.isFinite(medianSeconds)
    ? `${medianSeconds}${low === high ? '' : ` (${low}–${Number.isFinite(high) ? high : 'never'})`}`
    : `not within 30 min (${Math.round(100 * found)} % found)`

const number = (value: number | undefined): string => (value ?? 0).toLocaleString('en-US')

const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
