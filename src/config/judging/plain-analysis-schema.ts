import * as v from 'valibot'
import { parseDuration } from '../../rollout/duration.js'
import { DEFAULT_TOLERANCE } from '../../rollout/ports/default-tolerance.js'
import {
  duration,
  key,
  name,
  numberIn,
  oneOf,
  percent,
  positiveDuration,
  wholeNumber,
  yesOrNo,
} from '../value-formats.js'

/*
 * `analysis:` as most files have it: counts of the local platform, metrics by their short names or with a tolerance. What it
 * takes, `analysis-schema.ts` takes too, and makes the same of it. That one knows every source and method; it is loaded only
 * for files which this one does not suffice for, since steps start faster without it.
 */

/** `errors`, or `latency-p95` with any percentile. */
export const METRIC_SHORT = /^(?:errors|latency-p(?:[1-9]\d?)(?:\.\d)?)$/
export const SHORT_PHRASE = 'errors, latency-p95 or another percentile such as latency-p99'

/** A metric that says by its name all that is to be said. */
export const shortMetric = v.pipe(v.string(SHORT_PHRASE), v.regex(METRIC_SHORT, SHORT_PHRASE))

const LIMIT_PHRASE = 'a share for errors such as 5%, a duration for latencies such as 800ms'

/** An absolute limit with its unit: `{ share }` or `{ ms }`, by its sign. */
export const limitWithUnit = v.pipe(
  v.string(LIMIT_PHRASE),
  v.regex(/^(?:\d{1,3}(?:\.\d{1,4})?\s?%|\d{1,9}(?:ms|s|m|h))$/, LIMIT_PHRASE),
  v.transform((given): { share: number } | { ms: number } =>
    given.endsWith('%')
      ? { share: Number(given.replace(/\s?%$/, '')) / 100 }
      : { ms: parseDuration(given, 'limit') },
  ),
)

/** 1.25 is `25%` more. */
const more = (ratio: number): string => `${Math.round((ratio - 1) * 100)}%`

/** Keys of a metric that stand in its map, whatever counts it. */
export const toleranceKeys = {
  percentile: key(
    v.pipe(
      v.number('a percentile such as 95'),
      v.gtValue(0, 'a percentile above 0'),
      v.ltValue(100, 'a percentile below 100'),
    ),
    'For latencies: the percentile that is compared.',
  ),
  tolerate: key(
    percent('of the value of stable'),
    `How much worse than stable is tolerated, relative to stable. Default: ${more(DEFAULT_TOLERANCE.shareRatio)} for shares, ${more(DEFAULT_TOLERANCE.latencyRatio)} for latencies and means.`,
  ),
  'tolerate-points': key(
    percent('of all requests'),
    `For shares: how much worse than stable is tolerated in percentage points, if that is more. Default: ${DEFAULT_TOLERANCE.shareMore * 100}%.`,
  ),
  'tolerate-duration': key(
    duration,
    'For latencies: a difference from stable up to this is tolerated, whatever the ratio. Default: 5ms.',
  ),
}

export const metricName = key(
  name('metric'),
  'Its name in logs and reports. `errors` and `latency-p95` say kind and percentile too.',
)

/** Keys of `analysis` beside what is counted and by whom. */
export const judgingKeys = {
  interval: key(
    positiveDuration,
    'Time between two looks; 5s where another source than the local router is asked. Counts that come less often are judged as they come.',
    '1s',
  ),
  'min-samples': key(
    wholeNumber(1, 1_000_000_000),
    'Requests of the candidate without which nothing passes.',
    100,
  ),
  alpha: key(
    numberIn(0.000_001, 0.5, 'a chance from 0.000001 to 0.5'),
    'Chance that a release which is no worse than tolerated is ever failed, for all metrics and looks together.',
    0.05,
  ),
  'early-pass': key(
    yesOrNo,
    'Whether a hold ends as soon as every metric is proven to stay below `pass-margin`.',
    false,
  ),
  'pass-margin': key(
    v.strictObject(
      {
        ratio: key(numberIn(1, 1_000, 'a factor from 1 to 1000'), 'As a multiple of the value of stable.', 2),
        points: key(percent('of all requests'), 'For shares: in percentage points above stable.', '0.5%'),
      },
      'a map such as { ratio: 2, points: 0.5% }',
    ),
    'What a release must be shown to stay below before it passes early, or passes at all with `require: proof`.',
  ),
  require: key(
    oneOf(['no-harm', 'proof']),
    'What a hold must end with to pass: no harm shown, or proof that the release stays below `pass-margin`.',
    'no-harm',
  ),
  history: key(
    duration,
    'How far before the rollout stable is looked at, to know what to expect of it. Sources that do not reach back so far give less.',
    '10m',
  ),
  'no-data-timeout': key(
    positiveDuration,
    'No data for this long is a failed check. Default: never; the hold is extended and then `on-inconclusive` decides.',
  ),
  'tolerate-outage': key(
    duration,
    'No single outage of the candidate up to this length may fail it, but a regression must last longer to be seen. Two adjacent blocks of counts never fail it. Default: 10s; 0s where every source is `local`.',
  ),
  'max-hold': key(
    numberIn(1, 100, 'a factor from 1 to 100'),
    'A hold whose evidence does not suffice is extended to this many times its length.',
    3,
  ),
  'on-inconclusive': key(
    oneOf(['back', 'continue']),
    'What happens when the evidence does not suffice even then: back to stable, or on with the plan.',
    'back',
  ),
  'on-fail': key(
    oneOf(['back', 'hold', 'report']),
    'What a failed check does: back to stable at once, stay where it is and fail, or only say so.',
    'back',
  ),
}

const plainMetric = v.strictObject(
  {
    name: metricName,
    kind: key(oneOf(['share', 'latency']), 'What is counted.'),
    ...toleranceKeys,
    limit: key(limitWithUnit, 'Absolute limit.'),
  },
  'a map such as { name: latency-p99, limit: 800ms }',
)

export const plainAnalysisSchema = v.strictObject(
  {
    source: key(oneOf(['local']), 'Where the counts come from.', 'local'),
    metrics: key(v.pipe(v.array(v.union([shortMetric, plainMetric])), v.minLength(1)), 'What is compared.'),
    ...judgingKeys,
  },
  'a map such as { metrics: [errors, latency-p95] }, or false',
)
