import { isMap } from '../layers.js'
import type { Problem } from '../problem.js'
import type { KnownSource } from './known-sources.js'
import type { SourceKind } from './source-schema.js'

/** Without these a source cannot be asked. They are looked for when all layers are merged. */
const REQUIRED: Readonly<Partial<Record<SourceKind, readonly string[]>>> = {
  prometheus: ['url'],
  datadog: ['api-key', 'application-key'],
  newrelic: ['account-id', 'api-key'],
  graphite: ['url'],
  influxdb: ['url'],
  web: ['url'],
}

/** What is missing in the settings of a source, and what does not go together. */
export function lackingSettings({ kind, entry, at }: KnownSource): readonly Problem[] {
  const given: object = entry[kind] ?? {}
  const missing = (REQUIRED[kind] ?? []).filter((key) => !Object.hasOwn(given, key))
  return [
    ...missing.map((key): Problem => ({ path: [...at, key], mark: 'key', message: 'is missing' })),
    ...halfOfPair(given, at),
    ...(entry.influxdb === undefined ? [] : eitherInflux(entry.influxdb, at)),
    ...(entry.cloudwatch?.preset === 'alb' ? targetGroups(entry.cloudwatch, at) : []),
  ]
}

/** A client certificate is of no use without its key, nor the other way round. */
function halfOfPair(given: { readonly tls?: unknown }, at: Problem['path']): readonly Problem[] {
  const tls = isMap(given.tls) ? given.tls : {}
  const [has, lacks] = tls['cert'] === undefined ? ['key', 'cert'] : ['cert', 'key']
  if (tls[has] === undefined || tls[lacks] !== undefined) return []
  const message = 'is missing; a client certificate needs cert and key'
  return [{ path: [...at, 'tls', lacks], mark: 'key', message }]
}

/** By what the preset `alb` tells the slots apart. */
const ENDS_OF_ARNS = {
  loadBalancer: 'the end of its ARN, such as app/shop/50dc6c495c0c9188',
  targetGroup: 'the end of its ARN, such as targetgroup/shop-blue/943f017f100becff',
}

function targetGroups(
  { slots = {} }: NonNullable<KnownSource['entry']['cloudwatch']>,
  at: Problem['path'],
): readonly Problem[] {
  return (['blue', 'green'] as const).flatMap((slot) =>
    Object.entries(ENDS_OF_ARNS).flatMap(([key, allowed]): readonly Problem[] => {
      if (slots[slot]?.[key] !== undefined) return []
      const message = `is missing, which the preset alb needs; allowed: ${allowed}`
      return [{ path: [...at, 'slots', slot, key], mark: 'key', message }]
    }),
  )
}

type InfluxEntry = NonNullable<KnownSource['entry']['influxdb']>

/** InfluxDB 2 and InfluxDB 1 have other words for where the data is, and other ways to log in. */
function eitherInflux(entry: InfluxEntry, at: Problem['path']): readonly Problem[] {
  const wrong = (key: string, message: string): Problem => ({ path: [...at, key], mark: 'key', message })
  const { org, database } = entry
  if ((org === undefined) === (database === undefined)) {
    const allowed =
      'org (InfluxDB 2, asked in Flux) or database (InfluxDB 1, asked in InfluxQL), and not both'
    return [{ path: at, mark: 'key', message: `allowed: ${allowed}` }]
  }
  if (org !== undefined) {
    const ofOne = (['user', 'password', 'retention-policy'] as const).filter(
      (key) => entry[key] !== undefined,
    )
    return [
      ...(entry.token === undefined ? [wrong('token', 'is missing; org needs a token')] : []),
      ...ofOne.map((key) => wrong(key, 'belongs to database; allowed beside org: token and bucket')),
    ]
  }
  return entry.bucket === undefined
    ? []
    : [wrong('bucket', 'belongs to org; allowed beside database: retention-policy')]
}
