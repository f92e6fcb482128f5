import * as v from 'valibot'
import { jsonPath, key, oneOf, positiveDuration, text } from '../value-formats.js'

const QUERY_PHRASE = 'a query in the language of the source, with {{pods}}, {{slot}} or {{service}} in it'
const query = text(QUERY_PHRASE)
const BAD_PHRASE = 'a query in the language of the source, or a list of them'
const ATTRIBUTE_PHRASE = 'a name that the source knows'
const attribute = text(ATTRIBUTE_PHRASE)
const DIMENSIONS_PHRASE = 'a map such as { TargetGroup: "{{targetGroup}}" }'
const EDGES_PHRASE = 'a list of durations that rise, such as [50ms, 100ms, 250ms]; for web also a JSON path'

/**
 * What a metric asks its source. Which of these keys there are for whom, and which it needs, is told by `query-keys.ts`: here
 * it is not known yet what the source is.
 */
export const queryKeys = {
  path: key(
    text('a path such as /stats?slot={{slot}}&from={{from}}&to={{to}}'),
    'Web: path and query that are asked for, below the address of the source; the other keys are JSON paths into its answer.',
  ),
  requests: key(
    query,
    'For shares: counts requests. Prometheus: the selector of a counter, without `rate()` or `sum()`.',
  ),
  bad: key(
    v.union([query, v.pipe(v.array(query, BAD_PHRASE), v.minLength(1, BAD_PHRASE))], BAD_PHRASE),
    'For shares: counts the bad ones among them; of several the sum. New Relic: the condition that makes a request bad.',
  ),
  buckets: key(
    query,
    'For latencies: counts requests by bucket. Prometheus: the selector of the `_bucket` series of a histogram.',
  ),
  duration: key(
    attribute,
    'For latencies: what holds how long a request took, where the source makes the buckets itself (Datadog, CloudWatch, New Relic).',
  ),
  unit: key(oneOf(['s', 'ms']), 'What the source measures latencies in.', 's'),
  edges: key(
    v.union(
      [
        v.pipe(
          v.array(positiveDuration, EDGES_PHRASE),
          v.minLength(1, EDGES_PHRASE),
          v.check((edges) => edges.every((edge, at) => edge > (edges[at - 1] ?? 0)), EDGES_PHRASE),
        ),
        jsonPath,
      ],
      EDGES_PHRASE,
    ),
    'For latencies: upper edges of the buckets, where the source does not have them. Web: or where they are in the answer. Default of Datadog, CloudWatch and New Relic: 18 edges from 5ms to 10s.',
  ),
  sum: key(query, 'For means: adds the values up.'),
  count: key(query, 'For means, Prometheus: counts the values.'),
  values: key(query, 'For means, other sources: counts the values.'),
  squares: key(query, 'For means: adds the squares of the values up.'),
  value: key(
    attribute,
    'For means, New Relic: the attribute of which the mean is judged. For scalars, web: where the number is.',
  ),
  query: key(query, 'For scalars: gives one number. In Prometheus `{{range}}` is how far to look back.'),
  aggregate: key(
    oneOf(['avg', 'sum', 'min', 'max', 'last']),
    'For scalars: what is made of several numbers in a block.',
    'avg',
  ),
  from: key(attribute, 'New Relic: the type of data. Default: `Transaction`.'),
  where: key(query, 'New Relic: the condition that selects a slot.'),
  namespace: key(attribute, 'CloudWatch: the namespace. Default: `AWS/ApplicationELB`.'),
  dimensions: key(
    v.record(v.string(), text('text'), DIMENSIONS_PHRASE),
    'CloudWatch: all dimensions of the metric, with placeholders.',
  ),
  statistic: key(
    text('a statistic such as Average or p95'),
    'CloudWatch, for scalars: the statistic that is taken. Default: `Average`.',
  ),
}

/** A key by which a metric asks its source. */
export type QueryKey = keyof typeof queryKeys

export const QUERY_KEYS = Object.keys(queryKeys) as readonly QueryKey[]
