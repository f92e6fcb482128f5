import * as v from 'valibot'
import type { DatadogSettings } from '../../metrics/datadog/settings.js'
import { key, secret, text, webAddress } from '../value-formats.js'
import { needed, patienceKeys, patienceSettings, rhythmKeys, rhythmSettings } from './server-schema.js'

/** `source: { datadog: … }`: Datadog’s timeseries API. */
export const datadogSchema = v.strictObject(
  {
    'api-key': key(secret, 'API key, from the environment: `${NAME}`. Required.'),
    'application-key': key(
      secret,
      'Application key with the scope `timeseries_query`, from the environment: `${NAME}`. Required.',
    ),
    site: key(
      text('a site such as datadoghq.com, us3.datadoghq.com or datadoghq.eu'),
      'Site of the account.',
      'datadoghq.com',
    ),
    url: key(webAddress, 'Where the API is, instead of the site’s: a proxy.'),
    ...rhythmKeys('60s', '10s'),
    ...patienceKeys,
  },
  'a map such as { api-key: "${DD_API_KEY}", application-key: "${DD_APP_KEY}" }',
)

export function datadogSettings(entry: v.InferOutput<typeof datadogSchema>): DatadogSettings {
  const { site, url } = entry
  return {
    apiKey: needed(entry['api-key']),
    applicationKey: needed(entry['application-key']),
    ...(site !== undefined && { site }),
    ...(url !== undefined && { url }),
    ...rhythmSettings(entry),
    ...patienceSettings(entry),
  }
}
