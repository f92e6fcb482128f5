import { requestsOf } from './figures.js'
import type { Sample } from '../ports/metric-source.js'

/** Whether a sample speaks of nothing at all: no request was counted. That is no data, and no good behaviour. */
export function isEmpty(sample: Sample): boolean {
  return sample.kind !== 'scalar' && requestsOf(sample) === 0
}
