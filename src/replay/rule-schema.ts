import * as v from 'valibot'
import { key, oneOf, requiredKey, yesOrNo } from '../config/value-formats.js'
import { DEFAULT_TOLERANCE } from '../rollout/ports/default-tolerance.js'
import type { MannWhitneyRule, MetricRule, ThresholdRule } from '../rollout/ports/judge.js'
import {
  atLeastZero,
  between,
  closedMap,
  countOf,
  type EntriesOf,
  finite,
  metricName,
  milliseconds,
} from './phrases.js'

const { shareRatio, shareMore, latencyRatio } = DEFAULT_TOLERANCE

const measurements = countOf('how many measurements')

const thresholdSchema = closedMap(
  {
    failureLimit: key(
      measurements,
      'Measurements over the limit that are allowed in all. Default: 0; without end where `consecutiveLimit` is given.',
    ),
    consecutiveLimit: key(measurements, 'Measurements over the limit in a row that are allowed.'),
    consecutiveErrorLimit: key(
      measurements,
      'Measurements without data in a row, up to now, with which it may still pass.',
    ),
    intervalMs: key(
      milliseconds,
      'Time between two measurements, in milliseconds. Default: each block is one.',
    ),
    windowMs: key(
      milliseconds,
      'How far back each measurement reaches, in milliseconds. Default: to the one before.',
    ),
    count: key(measurements, 'Measurements at one weight that suffice for a pass before the hold is over.'),
    dryRun: key(yesOrNo, 'Only reported: it decides nothing.', false),
  } satisfies EntriesOf<ThresholdRule>,
  'a map such as { "failureLimit": 3 }',
)

const EFFECT_PHRASE = 'a pair of multiples of the mean of stable, such as [0.8, 1.2]'

const mannWhitneySchema = closedMap(
  {
    tolerance: key(
      atLeastZero('a part of the estimate, from 0'),
      'A difference up to this part of the estimate is tolerated.',
      0.25,
    ),
    confidence: key(between(0, 1), 'Confidence of the interval.', 0.98),
    allowedEffect: key(
      v.strictTuple([atLeastZero(EFFECT_PHRASE), atLeastZero(EFFECT_PHRASE)], EFFECT_PHRASE),
      'The mean of the candidate as a multiple of that of stable: below the first it is a decrease, above the second an increase.',
    ),
    missing: key(oneOf(['remove', 'zero']), 'What a missing value counts as.', 'remove'),
    outlierFactor: key(
      atLeastZero('a number of interquartile ranges, from 0'),
      'Values further out than this many interquartile ranges are dropped. Default: none are.',
    ),
    intervalMs: key(
      milliseconds,
      'Length of the stretch that each compared value stands for, in milliseconds.',
      60_000,
    ),
    direction: key(
      oneOf(['increase', 'decrease', 'either']),
      'Which difference is harm. Default: as `worse` says.',
    ),
    group: key(v.string('the name of a group'), 'For scores: the group of metrics that it counts in.'),
    critical: key(yesOrNo, 'For scores: its failure fails the release, whatever the score.', false),
  } satisfies EntriesOf<MannWhitneyRule>,
  'a map such as { "tolerance": 0.25, "confidence": 0.98 }',
)

const PERCENTILE = 'a percentile above 0 and below 100'

/** What is tolerated of one metric, as the file names it. */
export const ruleSchema: v.GenericSchema<unknown, MetricRule> = closedMap(
  {
    name: requiredKey(metricName, 'The name by which blocks carry its samples.'),
    kind: requiredKey(oneOf(['share', 'latency', 'mean', 'scalar']), 'What is counted.'),
    method: key(oneOf(['sequential', 'threshold', 'mann-whitney']), 'How it is judged.', 'sequential'),
    percentile: key(
      v.pipe(finite(PERCENTILE), v.gtValue(0, PERCENTILE), v.ltValue(100, PERCENTILE)),
      'For latencies: which percentile the rule speaks of.',
      95,
    ),
    worse: key(oneOf(['higher', 'lower']), 'For means and scalars: which direction is harm.', 'higher'),
    tolerateRatio: key(
      atLeastZero('a multiple of the value of stable, from 0'),
      `How much worse than stable is tolerated, as a multiple: 1.25 is a quarter more. Default: ${shareRatio} for shares and ${latencyRatio} for latencies of which no other tolerance is said, else 1.`,
    ),
    tolerateShare: key(
      between(0, 1),
      `For shares: how much more than stable is tolerated, as a share from 0 to 1: 0.0005 is 0.05 points. Default: ${shareMore} where \`tolerateRatio\` is not said either, else 0.`,
    ),
    tolerateMs: key(
      milliseconds,
      'For latencies: a difference from stable up to this many milliseconds is tolerated.',
      0,
    ),
    limit: key(
      finite('a number'),
      'Absolute limit that holds without a stable side too: a share from 0 to 1, milliseconds, or the unit of the mean or scalar.',
    ),
    alphaWeight: key(
      between(1e-6, 1e6),
      'The part of alpha that this metric may spend, relative to the other metrics.',
      1,
    ),
    threshold: key(thresholdSchema, 'For `method: threshold`.'),
    mannWhitney: key(mannWhitneySchema, 'For `method: mann-whitney`.'),
  } satisfies EntriesOf<MetricRule>,
  'a map such as { "name": "errors", "kind": "share", "tolerateRatio": 1.25 }',
)
