import * as v from 'valibot'
import { key } from '../value-formats.js'
import { cloudwatchSchema } from './cloudwatch-schema.js'
import { datadogSchema } from './datadog-schema.js'
import { graphiteSchema } from './graphite-schema.js'
import { influxdbSchema } from './influxdb-schema.js'
import { newrelicSchema } from './newrelic-schema.js'
import { prometheusSchema } from './prometheus-schema.js'
import { webSchema } from './web-schema.js'

const kinds = {
  local: key(
    v.strictObject({}, 'an empty map: the local platform knows its own router'),
    'The router of the local platform, which needs no settings.',
  ),
  prometheus: key(
    prometheusSchema,
    'Prometheus, and whatever speaks its query API: Thanos, Mimir, VictoriaMetrics, managed services.',
  ),
  datadog: key(datadogSchema, 'Datadog.'),
  cloudwatch: key(cloudwatchSchema, 'Amazon CloudWatch.'),
  newrelic: key(newrelicSchema, 'New Relic.'),
  graphite: key(graphiteSchema, 'Graphite, and whatever speaks its render API.'),
  influxdb: key(influxdbSchema, 'InfluxDB 1, 2 and Cloud.'),
  web: key(webSchema, 'Any JSON over HTTP.'),
}

/** What a source can be. */
export type SourceKind = keyof typeof kinds

export const SOURCE_KINDS = Object.keys(kinds) as readonly SourceKind[]

const ONE = `a map that names one of ${SOURCE_KINDS.join(', ')}`

/** A map that names one source with its settings. */
export const sourceSchema = v.pipe(
  v.strictObject(kinds, `${ONE}: { prometheus: { url: "\${PROMETHEUS_URL}" } }`),
  v.check((given) => Object.keys(given).length === 1, ONE),
)

export type SourceEntry = v.InferOutput<typeof sourceSchema>
