import * as v from 'valibot'
import type { WebSettings } from '../../metrics/web/settings.js'
import {
  loginKeys,
  oneLogin,
  patienceKeys,
  rhythmKeys,
  rhythmSettings,
  serverSettings,
  urlKey,
} from './server-schema.js'

/** `source: { web: … }`: any server that answers with JSON over HTTP. */
export const webSchema = v.pipe(
  v.strictObject(
    {
      url: urlKey('Where it is; the `path` of each metric comes behind it. `${NAME}` is filled in.'),
      ...rhythmKeys('10s', '10s'),
      ...loginKeys,
      ...patienceKeys,
    },
    'a map such as { url: "https://stats.example.com" }',
  ),
  oneLogin(),
)

export function webSettings(entry: v.InferOutput<typeof webSchema>): WebSettings {
  return { ...serverSettings(entry), ...rhythmSettings(entry) }
}
