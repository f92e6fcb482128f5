import * as v from 'valibot'
import type { CloudWatchSettings } from '../../metrics/cloudwatch/settings.js'
import {
  key,
  oneOf,
  placeholderValues,
  positiveDuration,
  secret,
  text,
  webAddress,
} from '../value-formats.js'
import { lagKey, patienceKeys, patienceSettings } from './server-schema.js'

/** Presets whose metrics CloudWatch has. */
export const CLOUDWATCH_PRESETS = ['alb'] as const

const { headers: _headers, ...tries } = patienceKeys

/** `source: { cloudwatch: … }`: Amazon CloudWatch. What is not given comes from the variables that AWS’s own tools read. */
export const cloudwatchSchema = v.strictObject(
  {
    preset: key(
      oneOf(CLOUDWATCH_PRESETS),
      'Who counts the requests: gives `errors` and `latency-pNN` their metrics. `alb`: Application Load Balancer.',
    ),
    slots: key(
      v.strictObject(
        {
          blue: key(placeholderValues, 'Placeholders of the slot blue.'),
          green: key(placeholderValues, 'Placeholders of the slot green.'),
        },
        'a map such as { blue: { loadBalancer: app/shop/1, targetGroup: targetgroup/shop-blue/1 }, green: … }',
      ),
      'Placeholders of each slot. The preset `alb` needs `loadBalancer` and `targetGroup`, the ends of their ARNs.',
    ),
    region: key(text('a region such as eu-central-1'), 'Region. Default: `${AWS_REGION}`.'),
    'access-key-id': key(secret, 'Default: `${AWS_ACCESS_KEY_ID}`.'),
    'secret-access-key': key(secret, 'Default: `${AWS_SECRET_ACCESS_KEY}`.'),
    'session-token': key(secret, 'Default: `${AWS_SESSION_TOKEN}`, where it is set.'),
    url: key(webAddress, 'Where the API is, instead of the region’s: an interface endpoint.'),
    lag: lagKey('2m'),
    period: key(
      positiveDuration,
      'How far apart points are: 60s, or 1s, 5s, 10s, 30s for high-resolution metrics.',
      '60s',
    ),
    ...tries,
  },
  'a map such as { region: eu-central-1, preset: alb, slots: … }',
)

export type CloudwatchEntry = v.InferOutput<typeof cloudwatchSchema>

/** What stands in the environment where the file says nothing, as `aws-actions/configure-aws-credentials` sets it. */
export function withVariables(entry: CloudwatchEntry, isSet: (name: string) => boolean): CloudwatchEntry {
  return {
    region: '${AWS_REGION}',
    'access-key-id': '${AWS_ACCESS_KEY_ID}',
    'secret-access-key': '${AWS_SECRET_ACCESS_KEY}',
    ...(isSet('AWS_SESSION_TOKEN') &&
      entry['access-key-id'] === undefined && { 'session-token': '${AWS_SESSION_TOKEN}' }),
    ...entry,
  }
}

export function cloudwatchSettings(entry: CloudwatchEntry): CloudWatchSettings {
  const { region, url, lag, period, slots, 'session-token': sessionToken } = entry
  return {
    region: region ?? '',
    accessKeyId: entry['access-key-id'] ?? '',
    secretAccessKey: entry['secret-access-key'] ?? '',
    ...(sessionToken !== undefined && { sessionToken }),
    ...(url !== undefined && { url }),
    ...(lag !== undefined && { lagMs: lag }),
    ...(period !== undefined && { periodMs: period }),
    ...(slots !== undefined && { slots }),
    ...patienceSettings(entry),
  }
}
