import * as v from 'valibot'
import { parseDuration } from '../rollout/duration.js'
import { duration, key, oneOf, percent, positiveDuration, wholeNumber, name } from './value-formats.js'

/** `errors`, or `latency-p95` with any percentile. */
export const METRIC_SHORT = /^(?:errors|latency-p(?:[1-9]\d?)(?:\.\d)?)$/
const SHORT_PHRASE = 'errors, latency-p95 or another percentile such as latency-p99'

const LIMIT_PHRASE = 'a share for errors such as 5%, a duration for latencies such as 800ms'

/** An absolute limit: `{ share }` or `{ ms }`, by its sign. */
const limit = v.pipe(
  v.string(LIMIT_PHRASE),
  v.regex(/^(?:\d{1,3}(?:\.\d{1,4})?\s?%|\d{1,9}(?:ms|s|m|h))$/, LIMIT_PHRASE),
  v.transform((given) =>
    given.endsWith('%')
      ? { share: Number(given.replace(/\s?%$/, '')) / 100 }
      : { ms: parseDuration(given, 'limit') },
  ),
)

const metricSchema = v.strictObject(
  {
    name: key(
      name('metric'),
      'Its name in logs and reports. `errors` and `latency-p95` say kind and percentile too.',
    ),
    kind: key(
      oneOf(['share', 'latency']),
      'What is counted: the share of bad answers, or how long answers take.',
    ),
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
      'How much worse than stable is tolerated, relative to stable. Default: 25% for shares, 10% for latencies.',
    ),
    'tolerate-points': key(
      percent('of all requests'),
      'For shares: how much worse than stable is tolerated in percentage points, if that is more. Default: 0.05%.',
    ),
    'tolerate-duration': key(
      duration,
      'For latencies: a difference from stable up to this is tolerated, whatever the ratio. Default: 5ms.',
    ),
    limit: key(limit, 'Absolute limit that holds without a stable release too: 5% or 800ms.'),
  },
  'a map such as { name: latency-p99, limit: 800ms }',
)

/** How the candidate is judged while a weight is held. */
export const analysisSchema = v.strictObject(
  {
    source: key(
      oneOf(['local']),
      'Where the counts come from. `local`: the router of the local platform.',
      'local',
    ),
    metrics: key(
      v.pipe(
        v.array(
          v.union(
            [v.pipe(v.string(SHORT_PHRASE), v.regex(METRIC_SHORT, SHORT_PHRASE)), metricSchema],
            `${SHORT_PHRASE}, or a map such as { name: latency-p99, limit: 800ms }`,
          ),
          'a list such as [errors, latency-p95]',
        ),
        v.minLength(1, 'at least one metric: [errors, latency-p95]'),
      ),
      'What is compared.',
      ['errors', 'latency-p95'],
    ),
    interval: key(positiveDuration, 'Time between two looks.', '1s'),
    'min-samples': key(
      wholeNumber(1, 1_000_000_000),
      'Requests of the candidate without which nothing passes.',
      100,
    ),
    'max-hold': key(
      v.pipe(
        v.number('a factor from 1 to 100'),
        v.minValue(1, 'a factor from 1 to 100'),
        v.maxValue(100, 'a factor from 1 to 100'),
      ),
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
  },
  'a map such as { metrics: [errors, latency-p95] }, or false',
)

export type MetricEntry = v.InferOutput<typeof metricSchema> | string
