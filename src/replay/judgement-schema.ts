import * as v from 'valibot'
import { key, oneOf, requiredKey, yesOrNo } from '../config/value-formats.js'
import type { Evidence, Judgement, MetricJudgement } from '../rollout/ports/judge.js'
import { countOf, type EntriesOf, finite, metricName, moment } from './phrases.js'

const number = finite('a number')
const sentence = v.string('a sentence')
const verdict = oneOf(['pass', 'fail', 'inconclusive'])

const figures = v.looseObject(
  {
    requests: requiredKey(countOf('how many requests'), 'Requests at the present weight.'),
    value: key(number, 'What they showed, in `unit`. Left out: nothing was counted.'),
  } satisfies EntriesOf<MetricJudgement['stable']>,
  'a map with requests and value',
)

const evidenceSchema = v.looseObject(
  {
    logE: requiredKey(number, 'The natural logarithm of the evidence against the candidate.'),
    needed: requiredKey(number, 'The natural logarithm of what is needed to fail.'),
    course: requiredKey(
      v.array(
        v.looseObject({ atMs: moment, logE: number } satisfies EntriesOf<Evidence['course'][number]>),
        'a list of moments',
      ),
      'The evidence at earlier moments, at most 60 of them.',
    ),
  } satisfies EntriesOf<Evidence>,
  'a map with logE, needed and course',
)

const metricSchema = v.looseObject(
  {
    name: requiredKey(metricName, 'The name of the metric.'),
    verdict: requiredKey(verdict, 'What this metric alone says.'),
    reason: requiredKey(sentence, 'One sentence with numbers and units.'),
    stable: requiredKey(figures, 'What stable did.'),
    candidate: requiredKey(figures, 'What the candidate did.'),
    unit: requiredKey(
      oneOf(['share', 'ms', 'value']),
      'Unit of `value`: a share from 0 to 1, milliseconds, or whatever the source counts.',
    ),
    evidence: key(evidenceSchema, 'How far the evidence has come. Left out where another method decides.'),
    difference: key(
      v.looseObject({ low: number, high: number }, 'a map with low and high'),
      'Candidate minus stable, in `unit`: an interval that holds at all looks at once.',
    ),
    stillAllowed: key(sentence, 'The worst regression that the data still allow.'),
    littleKnown: key(yesOrNo, 'A pass although the data still allow more than `passMargin`.'),
    dryRun: key(yesOrNo, 'Only reported: it decides nothing.'),
    classification: key(
      oneOf(['high', 'low', 'same', 'no-data']),
      'For `method: mann-whitney`: how the candidate differs from stable.',
    ),
    notes: key(v.array(sentence, 'a list of sentences'), 'What is worth knowing besides.'),
  } satisfies EntriesOf<MetricJudgement>,
  'a map with name, verdict and reason',
)

/** What the judge says. Newer versions may say more: what is not known here is let through. */
export const judgementSchema = v.looseObject(
  {
    verdict: requiredKey(verdict, 'What is to become of the candidate.'),
    reason: requiredKey(sentence, 'A sentence that a tired person understands.'),
    metrics: requiredKey(v.array(metricSchema, 'a list of metrics'), 'What each metric says.'),
    early: key(yesOrNo, 'Every metric is proven to stay below `passMargin`: the hold may end now.'),
  } satisfies EntriesOf<Judgement>,
  'a map with verdict, reason and metrics',
)
