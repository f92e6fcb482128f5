import * as v from 'valibot'
import type { NewRelicSettings } from '../../metrics/newrelic/settings.js'
import { key, oneOf, secret, webAddress, wholeNumber } from '../value-formats.js'
import { needed, patienceKeys, patienceSettings, rhythmKeys, rhythmSettings } from './server-schema.js'

const ACCOUNT_PHRASE = 'the number of the account, or a variable such as "${NEW_RELIC_ACCOUNT_ID}"'

/** `source: { newrelic: … }`: New Relic’s NerdGraph, asked in NRQL. */
export const newrelicSchema = v.strictObject(
  {
    'account-id': key(
      v.union([wholeNumber(1, 1e12), secret], ACCOUNT_PHRASE),
      'Number of the account. `${NAME}` is filled in. Required.',
    ),
    'api-key': key(secret, 'User key (`NRAK-…`), from the environment: `${NAME}`. Required.'),
    region: key(oneOf(['us', 'eu']), 'Where the account is.', 'us'),
    url: key(webAddress, 'Where the API is, instead of the region’s: a proxy.'),
    ...rhythmKeys('2m', '10s'),
    ...patienceKeys,
  },
  'a map such as { account-id: 1234567, api-key: "${NEW_RELIC_API_KEY}" }',
)

export function newrelicSettings(entry: v.InferOutput<typeof newrelicSchema>): NewRelicSettings {
  const { region, url } = entry
  return {
    accountId: Number(needed(entry['account-id'])),
    apiKey: needed(entry['api-key']),
    ...(region !== undefined && { region }),
    ...(url !== undefined && { url }),
    ...rhythmSettings(entry),
    ...patienceSettings(entry),
  }
}
