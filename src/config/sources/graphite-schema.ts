import * as v from 'valibot'
import type { GraphiteSettings } from '../../metrics/graphite/settings.js'
import {
  loginKeys,
  oneLogin,
  patienceKeys,
  rhythmKeys,
  rhythmSettings,
  serverSettings,
  urlKey,
} from './server-schema.js'

/** `source: { graphite: … }`: Graphite, and whatever speaks its render API. */
export const graphiteSchema = v.pipe(
  v.strictObject(
    {
      url: urlKey('Where its API is, without `/render`. `${NAME}` is filled in.'),
      ...rhythmKeys('20s', '60s'),
      ...loginKeys,
      ...patienceKeys,
    },
    'a map such as { url: "${GRAPHITE_URL}" }',
  ),
  oneLogin(),
)

export function graphiteSettings(entry: v.InferOutput<typeof graphiteSchema>): GraphiteSettings {
  return { ...serverSettings(entry), ...rhythmSettings(entry) }
}
