import * as v from 'valibot'
import type { InfluxSettings } from '../../metrics/influxdb/settings.js'
import { key, secret, text } from '../value-formats.js'
import {
  needed,
  patienceKeys,
  patienceSettings,
  rhythmKeys,
  rhythmSettings,
  urlKey,
} from './server-schema.js'

/** `source: { influxdb: … }`: InfluxDB 2 and Cloud where it names an `org`, InfluxDB 1 where it names a `database`. */
export const influxdbSchema = v.strictObject(
  {
    url: urlKey('Where its API is. `${NAME}` is filled in.'),
    org: key(text('the name of an organization'), 'Organization: InfluxDB 2 and Cloud, asked in Flux.'),
    bucket: key(text('the name of a bucket'), 'With `org`: `v.defaultBucket` in queries.'),
    database: key(text('the name of a database'), 'Database: InfluxDB 1, asked in InfluxQL.'),
    'retention-policy': key(text('the name of a retention policy'), 'With `database`. Default: its own.'),
    token: key(secret, 'Token that may read, from the environment: `${NAME}`. Required with `org`.'),
    user: key(text('a name, or ${NAME}'), 'With `database`: name of the user.'),
    password: key(secret, 'With `database`: password of the user, from the environment: `${NAME}`.'),
    ...rhythmKeys('20s', '10s'),
    ...patienceKeys,
  },
  'a map such as { url: "${INFLUX_URL}", org: shop, token: "${INFLUX_TOKEN}" }',
)

export function influxdbSettings(entry: v.InferOutput<typeof influxdbSchema>): InfluxSettings {
  const { org, bucket, database, token, user, password, 'retention-policy': retentionPolicy } = entry
  const reached = { url: needed(entry.url), ...rhythmSettings(entry), ...patienceSettings(entry) }
  if (database === undefined) {
    return {
      ...reached,
      language: 'flux',
      org: needed(org),
      token: needed(token),
      ...(bucket !== undefined && { bucket }),
    }
  }
  return {
    ...reached,
    language: 'influxql',
    database,
    ...(retentionPolicy !== undefined && { retentionPolicy }),
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    ...(token !== undefined && { token }),
  }
}
