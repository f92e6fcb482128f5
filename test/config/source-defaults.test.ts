import { describe, expect, it } from '@jest/globals'
import { keyRows } from '../../src/config/emit/key-table.js'
import type { SettingsOfSource } from '../../src/config/sources/source-config.js'
import { SOURCE_KINDS } from '../../src/config/sources/source-schema.js'
import { openCloudWatch } from '../../src/metrics/cloudwatch/cloudwatch.js'
import { openDatadog } from '../../src/metrics/datadog/datadog.js'
import { openGraphite } from '../../src/metrics/graphite/graphite.js'
import { DEFAULT_PATIENCE_MS, DEFAULT_TIMEOUT_MS } from '../../src/metrics/http/server-settings.js'
import { openInfluxdb } from '../../src/metrics/influxdb/influxdb.js'
import { openNewRelic } from '../../src/metrics/newrelic/newrelic.js'
import { DEFAULT_SLACK_MS } from '../../src/metrics/prometheus/settings.js'
import type { SourceContext } from '../../src/metrics/source-context.js'
import { openWeb } from '../../src/metrics/web/web.js'
import { parseDuration } from '../../src/rollout/duration.js'
import type { MetricSource } from '../../src/rollout/ports/metric-source.js'
import { VirtualClock } from '../memory/virtual-clock.js'

const context: SourceContext = {
  clock: new VirtualClock(0),
  signal: new AbortController().signal,
  service: 'shop',
  warn: () => undefined,
}

/** Each source with no more than it needs. */
const OPENED: { readonly [K in Exclude<keyof SettingsOfSource, 'prometheus'>]: MetricSource } = {
  datadog: openDatadog({ apiKey: 'a', applicationKey: 'b' }, context),
  cloudwatch: openCloudWatch({ region: 'eu-central-1', accessKeyId: 'a', secretAccessKey: 'b' }, context),
  newrelic: openNewRelic({ accountId: 1, apiKey: 'a' }, context),
  graphite: openGraphite({ url: 'http://g' }, context),
  influxdb: openInfluxdb({ url: 'http://i', org: 'o', token: 't' }, context),
  web: openWeb({ url: 'http://w' }, context),
}

/** What the documentation says a key is where the file leaves it out, in milliseconds. */
function stated(key: string): number {
  const row = keyRows().find((one) => one.key === `analysis.source.${key}`)
  return parseDuration(row?.byDefault.replaceAll('`', '') ?? `no row for ${key}`)
}

describe('defaults of sources', () => {
  it.each(Object.entries(OPENED))('of %s are those that are documented', (kind, { lagMs, stepMs }) => {
    const step = kind === 'cloudwatch' ? 'period' : 'step'
    expect([lagMs, stepMs]).toEqual([stated(`${kind}.lag`), stated(`${kind}.${step}`)])
  })

  it('of Prometheus is that which is documented', () => {
    expect(DEFAULT_SLACK_MS).toBe(stated('prometheus.slack'))
  })

  it.each(SOURCE_KINDS.filter((kind) => kind !== 'local'))('of %s’s patience are the client’s', (kind) => {
    expect([stated(`${kind}.timeout`), stated(`${kind}.patience`)]).toEqual([
      DEFAULT_TIMEOUT_MS,
      DEFAULT_PATIENCE_MS,
    ])
  })
})
