import * as v from 'valibot'
import { key, requiredKey, yesOrNo } from '../config/value-formats.js'
import type { Block, JudgeParameters, ScoreRule } from '../rollout/ports/judge.js'
import {
  between,
  closedMap,
  countOf,
  type EntriesOf,
  finite,
  metricName,
  milliseconds,
  moment,
} from './phrases.js'
import { ruleSchema } from './rule-schema.js'
import { sampleSchema } from './sample-schema.js'

const score = between(0, 100, 'a score from 0 to 100')

const scoreSchema = closedMap(
  {
    groupWeights: key(
      v.record(v.string('the name of a group'), between(0, 100), 'a map from groups to percent'),
      'Percent of the score that each group makes up; groups that are not named share what is left.',
    ),
    marginal: requiredKey(score, 'Below this score the release fails.'),
    pass: requiredKey(score, 'With this score, or more, it passes.'),
  } satisfies EntriesOf<ScoreRule>,
  'a map such as { "marginal": 50, "pass": 90 }',
)

const MULTIPLE = 'a multiple of the value of stable, from 1'

const passMarginSchema = closedMap(
  {
    ratio: requiredKey(
      v.pipe(finite(MULTIPLE), v.minValue(1, MULTIPLE)),
      'As a multiple of the value of stable.',
    ),
    share: requiredKey(between(0, 1), 'As a difference in shares, from 0 to 1.'),
  } satisfies EntriesOf<NonNullable<JudgeParameters['passMargin']>>,
  'a map such as { "ratio": 2, "share": 0.005 }',
)

const RULES_PHRASE = 'a list of rules, each with a name of its own'

export const parametersSchema: v.GenericSchema<unknown, JudgeParameters> = closedMap(
  {
    rules: requiredKey(
      v.pipe(
        v.array(ruleSchema, RULES_PHRASE),
        v.check((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, RULES_PHRASE),
      ),
      'What is tolerated of each metric.',
    ),
    minSamples: requiredKey(
      countOf('how many requests'),
      'Requests of the candidate without which nothing passes.',
    ),
    holdOver: requiredKey(yesOrNo, 'Whether the hold is over, so that this look is the last one.'),
    alpha: key(
      between(1e-9, 0.5),
      'Chance that a release no worse than tolerated is ever failed, for all metrics and looks together.',
      0.05,
    ),
    passMargin: key(
      passMarginSchema,
      'What a release must be shown not to reach before it passes early. Default: 2 times stable and 0.5 points more.',
    ),
    score: key(scoreSchema, 'The metrics with `method: mann-whitney` decide together, by their score.'),
    require: key(
      v.literal('proof', 'proof'),
      'A hold that ends without proof against `passMargin` is inconclusive.',
    ),
    longestHoldMs: key(milliseconds, 'The longest hold that is planned, in milliseconds.', 1_800_000),
    outageMs: key(
      milliseconds,
      'No single outage of the candidate up to this length may fail it, in milliseconds. Two adjacent blocks never do.',
      10_000,
    ),
  } satisfies EntriesOf<JudgeParameters>,
  'a map such as { "rules": [], "minSamples": 100, "holdOver": true }',
)

const sides = closedMap(
  {
    stable: key(sampleSchema, 'What stable did in this window. Left out: no data.'),
    candidate: key(sampleSchema, 'What the candidate did in this window. Left out: no data.'),
  } satisfies EntriesOf<Block['metrics'][string]>,
  'a map with stable, candidate or both',
)

const WINDOW_PHRASE = 'a moment after fromMs'

export const blockSchema: v.GenericSchema<unknown, Block> = v.pipe(
  closedMap(
    {
      fromMs: requiredKey(moment, 'Beginning of the window, in milliseconds since 1970.'),
      toMs: requiredKey(moment, 'Its end, in milliseconds since 1970.'),
      weight: requiredKey(between(0, 100), 'Weight of the candidate, in percent.'),
      metrics: requiredKey(
        v.record(metricName, sides, 'a map from metrics to what both sides did'),
        'What both sides did, by the names of the rules.',
      ),
    } satisfies EntriesOf<Block>,
    'a map with fromMs, toMs, weight and metrics',
  ),
  v.forward(
    v.check(({ fromMs, toMs }) => toMs > fromMs, WINDOW_PHRASE),
    ['toMs'],
  ),
)

/** Parameters and blocks: all that a verdict is made of. */
export const inputEntries = {
  $schema: key(v.string('the address of a JSON Schema'), 'For editors.'),
  parameters: requiredKey(parametersSchema, 'By what rules is judged.'),
  blocks: requiredKey(
    v.array(blockSchema, 'a list of blocks, oldest first'),
    'What both sides did in each window, oldest first. Blocks of a metric before the first with its candidate are history.',
  ),
}
