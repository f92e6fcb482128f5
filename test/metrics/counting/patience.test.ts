import { describe, expect, it } from '@jest/globals'
import { openCloudWatch } from '../../../src/metrics/cloudwatch/cloudwatch.js'
import { openDatadog } from '../../../src/metrics/datadog/datadog.js'
import { openGraphite } from '../../../src/metrics/graphite/graphite.js'
import { openInfluxdb } from '../../../src/metrics/influxdb/influxdb.js'
import { openNewRelic } from '../../../src/metrics/newrelic/newrelic.js'
import { openPrometheus } from '../../../src/metrics/prometheus/prometheus.js'
import { openWeb } from '../../../src/metrics/web/web.js'
import type { SourceContext } from '../../../src/metrics/source-context.js'
import type { MetricSource } from '../../../src/rollout/ports/metric-source.js'
import { VirtualClock } from '../../memory/virtual-clock.js'

const context: SourceContext = {
  clock: new VirtualClock(),
  signal: new AbortController().signal,
  service: 'shop',
  warn: () => undefined,
}
const url = 'http://127.0.0.1:1'
const keys = { apiKey: 'key-number-1', applicationKey: 'key-number-2' }
const aws = { region: 'eu-central-1', accessKeyId: 'AKIA', secretAccessKey: 'key-number-3' }

const OPENED: readonly [
  string,
  (patience: { patienceMs?: number; timeoutMs?: number }) => MetricSource,
  number,
  number,
][] = [
  ['prometheus', (patience) => openPrometheus({ url, ...patience }, context), 3, 3],
  ['datadog', (patience) => openDatadog({ url, ...keys, ...patience }, context), 2, 2],
  ['cloudwatch', (patience) => openCloudWatch({ url, ...aws, ...patience }, context), 21, 21],
  ['newrelic', (patience) => openNewRelic({ url, accountId: 1, apiKey: 'k', ...patience }, context), 2, 13],
  ['graphite', (patience) => openGraphite({ url, ...patience }, context), 2, 2],
  ['influxdb', (patience) => openInfluxdb({ url, org: 'o', token: 't', ...patience }, context), 2, 21],
  ['web', (patience) => openWeb({ url, ...patience }, context), 2, 21],
]

describe('how long an answer may take', () => {
  it.each(OPENED)('follows the patience with %s, by its questions in a row', (_, open, once, history) => {
    for (const patienceMs of [5_000, 300_000]) {
      const source = open({ patienceMs })
      expect(source.answerMs).toBe(once * patienceMs)
      expect(source.historyAnswerMs?.(60) ?? source.answerMs).toBe(history * patienceMs)
    }
    expect(open({}).answerMs).toBe(once * 30_000)
    expect(open({ timeoutMs: 60_000 }).answerMs).toBe(once * 60_000)
    expect(open({ timeoutMs: 60_000, patienceMs: 20_000 }).answerMs).toBe(once * 20_000)
  })
})
