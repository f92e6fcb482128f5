import * as v from 'valibot'
import type { ServerSettings } from '../../metrics/http/server-settings.js'
import {
  loginKeys,
  oneLogin,
  patienceKeys,
  rhythmKeys,
  rhythmSettings,
  serverSettings,
  urlKey,
} from './server-schema.js'

/** What is said of a server that people run themselves, which counts at whole steps. */
interface OwnServer {
  /** What `url` is. */
  readonly url: string
  readonly lag: string
  readonly step: string
  readonly phrase: string
}

/** A server of one's own of which nothing more is to be said than where it is, who asks, and when counts are there. */
export const ownServerSchema = ({ url, lag, step, phrase }: OwnServer) =>
  v.pipe(
    v.strictObject({ url: urlKey(url), ...rhythmKeys(lag, step), ...loginKeys, ...patienceKeys }, phrase),
    oneLogin(),
  )

type OwnServerEntry = v.InferOutput<ReturnType<typeof ownServerSchema>>

export function ownServerSettings(entry: OwnServerEntry): ServerSettings & {
  lagMs?: number
  stepMs?: number
} {
  return { ...serverSettings(entry), ...rhythmSettings(entry) }
}
