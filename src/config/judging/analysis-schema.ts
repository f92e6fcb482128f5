import * as v from 'valibot'
import { metricSchema, namedMetricSchema } from './metric-schema.js'
import { judgingKeys, SHORT_PHRASE, shortMetric } from './plain-analysis-schema.js'
import { sourceSchema } from '../sources/source-schema.js'
import { key, name, NAME, numberIn, percent, requiredKey } from '../value-formats.js'

const LIST_PHRASE = `${SHORT_PHRASE}, or a map such as { name: latency-p99, limit: 800ms }`
const METRICS_PHRASE =
  'a list such as [errors, latency-p95], or a map such as { errors: { requests: http_requests_total, bad: … } }'
const METRIC_NAME_PHRASE = 'a name for the metric of letters, digits, ".", "_" and "-", such as errors'
const SOURCE_PHRASE =
  'local, the name of one of sources, or a map that names one kind: { prometheus: { url: "${PROMETHEUS_URL}" } }'

const mark = numberIn(0, 100, 'a score from 0 to 100')

const scoreSchema = v.pipe(
  v.strictObject(
    {
      marginal: requiredKey(mark, 'Below this score the release fails.'),
      pass: requiredKey(mark, 'With this score, or more, it passes; between the two it is inconclusive.'),
      groups: key(
        v.record(
          v.pipe(v.string(), v.regex(NAME, 'a name for the group, such as latency')),
          percent('of the score'),
          'a map such as { latency: 60% }',
        ),
        'How much of the score each group of metrics makes up; groups that are not named share what is left.',
      ),
    },
    'a map such as { marginal: 75, pass: 95 }',
  ),
  v.check(({ marginal, pass }) => marginal <= pass, 'a marginal score that is at most the one to pass'),
)

/** How the candidate is judged while a weight is held. */
export const analysisSchema = v.strictObject(
  {
    source: key(
      v.union([name('source'), sourceSchema], SOURCE_PHRASE),
      'Where the counts of the metrics come from that name no other source. `local`: the router of the local platform. With `sources`, one of their names.',
      'local',
    ),
    sources: key(
      v.record(
        v.pipe(v.string(), v.regex(NAME, 'a name for the source, such as main')),
        sourceSchema,
        'a map from names to sources: { main: { prometheus: { url: "${PROMETHEUS_URL}" } } }',
      ),
      'Several sources by name, for metrics that come from different ones.',
    ),
    metrics: key(
      v.union(
        [
          v.pipe(
            v.array(v.union([shortMetric, namedMetricSchema], LIST_PHRASE), METRICS_PHRASE),
            v.minLength(1, 'at least one metric: [errors, latency-p95]'),
          ),
          v.pipe(
            v.record(
              v.pipe(v.string(METRIC_NAME_PHRASE), v.regex(NAME, METRIC_NAME_PHRASE)),
              v.nullable(metricSchema),
              METRICS_PHRASE,
            ),
            v.minEntries(1, 'at least one metric: { errors: {} }'),
          ),
        ],
        METRICS_PHRASE,
      ),
      'What is compared: a list, or a map by name.',
      ['errors', 'latency-p95'],
    ),
    ...judgingKeys,
    score: key(
      scoreSchema,
      'The metrics with `method: mann-whitney` decide together, by a score. Default: each for itself.',
    ),
  },
  'a map such as { metrics: [errors, latency-p95] }, or false',
)

export type AnalysisEntry = v.InferOutput<typeof analysisSchema>
