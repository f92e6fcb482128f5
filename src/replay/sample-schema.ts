import * as v from 'valibot'
import { key, requiredKey } from '../config/value-formats.js'
import type {
  LatencySample,
  MeanSample,
  Sample,
  ScalarSample,
  ShareSample,
} from '../rollout/ports/metric-source.js'
import { LARGEST_SUM } from '../analysis/sound-sample.js'
import { atLeastZero, between, closedMap, countOf, type EntriesOf } from './phrases.js'

const podName = v.string('the name of a pod')
const count = countOf('how many requests')

const PAIR_PHRASE = 'a pair [requests, bad] of whole numbers from 0, bad at most requests'
const podShare = v.pipe(
  v.strictTuple([count, count], PAIR_PHRASE),
  v.check(([requests, bad]) => bad <= requests, PAIR_PHRASE),
)

const shareSample = v.pipe(
  closedMap(
    {
      kind: requiredKey(v.literal('share', 'share'), 'A share of requests.'),
      requests: requiredKey(count, 'Requests of this side in this window.'),
      bad: requiredKey(count, 'How many of them were bad.'),
      pods: key(
        v.record(podName, podShare, 'a map from pods to [requests, bad]'),
        'The same by pod, as `[requests, bad]`.',
      ),
    } satisfies EntriesOf<ShareSample>,
    'a map such as { "kind": "share", "requests": 950, "bad": 1 }',
  ),
  v.forward(
    v.check(({ requests, bad }) => bad <= requests, 'at most as many as requests'),
    ['bad'],
  ),
)

const EDGES_PHRASE = 'at least one edge in milliseconds, each above 0 and above the one before'
const COUNTS_PHRASE = 'one count for each edge, and one for what is slower than the last'

const latencySample = v.pipe(
  closedMap(
    {
      kind: requiredKey(v.literal('latency', 'latency'), 'A histogram of latencies.'),
      edgesMs: requiredKey(
        v.pipe(
          v.array(atLeastZero(EDGES_PHRASE), EDGES_PHRASE),
          v.check((edges) => edges.length > 0 && isRising(edges), EDGES_PHRASE),
        ),
        'Upper edges of the buckets, rising, in milliseconds.',
      ),
      counts: requiredKey(
        v.array(count, COUNTS_PHRASE),
        'Requests in each bucket, and at last those that are slower than the last edge. Not cumulative.',
      ),
      pods: key(
        v.record(podName, v.array(count, COUNTS_PHRASE), 'a map from pods to lists of counts'),
        'The same counts by pod.',
      ),
    } satisfies EntriesOf<LatencySample>,
    'a map such as { "kind": "latency", "edgesMs": [10, 50], "counts": [900, 45, 5] }',
  ),
  v.forward(
    v.check(
      ({ edgesMs, counts, pods = {} }) =>
        [counts, ...Object.values(pods)].every(({ length }) => length === edgesMs.length + 1),
      COUNTS_PHRASE,
    ),
    ['counts'],
  ),
)

const meanSample = closedMap(
  {
    kind: requiredKey(v.literal('mean', 'mean'), 'Values of which the mean is compared.'),
    count: requiredKey(countOf('how many values'), 'How many values there were.'),
    sum: requiredKey(
      between(-LARGEST_SUM, LARGEST_SUM, 'the sum of the values, a number from -1e120 to 1e120'),
      'Their sum, in the unit of the metric.',
    ),
    sumOfSquares: requiredKey(
      between(0, LARGEST_SUM ** 2, 'the sum of their squares, a number from 0 to 1e240'),
      'The sum of their squares.',
    ),
  } satisfies EntriesOf<MeanSample>,
  'a map such as { "kind": "mean", "count": 40, "sum": 1250.5, "sumOfSquares": 52000 }',
)

const scalarSample = closedMap(
  {
    kind: requiredKey(v.literal('scalar', 'scalar'), 'One number, from a source that cannot count.'),
    value: requiredKey(
      between(-LARGEST_SUM, LARGEST_SUM, 'a number from -1e120 to 1e120'),
      'The number, in the unit of the metric.',
    ),
  } satisfies EntriesOf<ScalarSample>,
  'a map such as { "kind": "scalar", "value": 0.4 }',
)

/** What one side did in one window. */
export const sampleSchema: v.GenericSchema<unknown, Sample> = v.variant(
  'kind',
  [shareSample, latencySample, meanSample, scalarSample],
  'a sample whose kind is share, latency, mean or scalar',
)

function isRising(edges: readonly number[]): boolean {
  return edges.every((edge, index) => edge > (edges[index - 1] ?? 0))
}
