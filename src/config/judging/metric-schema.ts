import * as v from 'valibot'
import { limitWithUnit, metricName, toleranceKeys } from './plain-analysis-schema.js'
import { queryKeys } from '../sources/query-schema.js'
import { key, name, numberIn, oneOf, positiveDuration, wholeNumber, yesOrNo } from '../value-formats.js'

const LIMIT_PHRASE =
  'a share for errors such as 5%, a duration for latencies such as 800ms, a number for means and scalars'

const thresholdSchema = v.strictObject(
  {
    'failure-limit': key(
      wholeNumber(0, 1_000_000),
      'Measurements beyond the limit that are allowed in all. Default: 0; any number where `consecutive-limit` is given.',
    ),
    'consecutive-limit': key(
      wholeNumber(0, 1_000_000),
      'Measurements beyond the limit that are allowed in a row. Default: no rule of its own.',
    ),
    'consecutive-error-limit': key(
      wholeNumber(0, 1_000_000),
      'Measurements without data in a row with which it may still pass; they never fail it. Default: any number.',
    ),
    interval: key(positiveDuration, 'Time between two measurements. Default: each look is one.'),
    window: key(
      positiveDuration,
      'How far back each measurement reaches, as `[1m]` in a query does. Default: to the one before.',
    ),
    count: key(
      wholeNumber(1, 1_000_000),
      'Measurements at one weight that suffice for a pass before the hold is over. Default: it lasts as long as the hold.',
    ),
    'dry-run': key(yesOrNo, 'Whether it is only reported and never decides.', false),
  },
  'a map such as { failure-limit: 3 }',
)

const EFFECT_PHRASE = 'two factors such as [0.8, 1.2], the first at most the second'
const effect = numberIn(0, 1_000, 'a factor from 0 to 1000')

const mannWhitneySchema = v.strictObject(
  {
    tolerance: key(
      numberIn(0, 1_000, 'a part from 0 to 1000'),
      'A difference up to this part of the estimate is tolerated.',
      0.25,
    ),
    confidence: key(
      v.pipe(
        v.number('a confidence such as 0.98'),
        v.gtValue(0, 'a confidence above 0'),
        v.ltValue(1, 'a confidence below 1'),
      ),
      'Confidence of the interval.',
      0.98,
    ),
    'allowed-effect': key(
      v.pipe(
        v.array(effect, EFFECT_PHRASE),
        v.length(2, EFFECT_PHRASE),
        v.check(([low = 0, high = 0]) => low <= high, EFFECT_PHRASE),
      ),
      'Effect sizes (mean of the candidate over that of stable) that are harmless, from the first to the second.',
    ),
    missing: key(oneOf(['remove', 'zero']), 'What a missing value counts as.', 'remove'),
    outliers: key(
      numberIn(0, 1_000, 'a factor from 0 to 1000'),
      'Values further than this many interquartile ranges out are dropped. Default: all are kept.',
    ),
    interval: key(positiveDuration, 'How long a stretch each value stands for that is compared.', '1m'),
    direction: key(
      oneOf(['increase', 'decrease', 'either']),
      'Which difference is harm. Default: as `worse` says.',
    ),
    group: key(name('group'), 'For `score`: the group of metrics that it counts in.'),
    critical: key(yesOrNo, 'For `score`: its failure fails the release, whatever the score.', false),
  },
  'a map such as { tolerance: 0.25, confidence: 0.98 }',
)

const ruleKeys = {
  source: key(
    name('source'),
    'Where its counts come from: `local`, the kind of `source`, or the name of one of `sources`. Default: `source`.',
  ),
  kind: key(
    oneOf(['share', 'latency', 'mean', 'scalar']),
    'What is counted: the share of bad answers, how long answers take, the mean of values, or nothing: one number a block. Default: what name and queries say.',
  ),
  method: key(
    oneOf(['sequential', 'threshold', 'mann-whitney']),
    'How it is judged: by evidence that may be looked at at any time, by a limit for each block, or by Mann-Whitney’s test. Default: sequential; threshold for scalars.',
  ),
  worse: key(oneOf(['higher', 'lower']), 'For means and scalars: which direction is harm.', 'higher'),
  ...toleranceKeys,
  limit: key(
    v.union([limitWithUnit, numberIn(-1e15, 1e15, LIMIT_PHRASE)], LIMIT_PHRASE),
    'Absolute limit that holds without a stable release too: 5%, 800ms, or a number.',
  ),
  weight: key(
    numberIn(0.001, 1_000, 'a number from 0.001 to 1000'),
    'The part of `alpha` that it may spend, relative to the other metrics.',
    1,
  ),
  threshold: key(thresholdSchema, 'For `method: threshold`: how many blocks may be beyond the limit.'),
  'mann-whitney': key(mannWhitneySchema, 'For `method: mann-whitney`.'),
}

const METRIC_PHRASE = 'a map such as { limit: 800ms }'

/** A metric in a map, where its name is the key. */
export const metricSchema = v.strictObject({ ...ruleKeys, ...queryKeys }, METRIC_PHRASE)

/** A metric in a list. */
export const namedMetricSchema = v.strictObject(
  { name: metricName, ...ruleKeys, ...queryKeys },
  'a map such as { name: latency-p99, limit: 800ms }',
)

/** A metric in its long form, whether it stands in a list or in a map. */
export type MetricEntry = v.InferOutput<typeof namedMetricSchema>
