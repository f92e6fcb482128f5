import { cloudwatchSettings, withVariables } from './cloudwatch-schema.js'
import { datadogSettings } from './datadog-schema.js'
import { influxdbSettings } from './influxdb-schema.js'
import { newrelicSettings } from './newrelic-schema.js'
import { ownServerSettings } from './own-server-schema.js'
import { prometheusSettings } from './prometheus-schema.js'
import type { RemoteKind, SettingsOfSource } from './source-config.js'
import type { SourceEntry } from './source-schema.js'

/** With the variables that a source reads where the file names none. */
export function filledEntry(entry: SourceEntry, isSet: (name: string) => boolean): SourceEntry {
  const { cloudwatch } = entry
  return cloudwatch === undefined ? entry : { ...entry, cloudwatch: withVariables(cloudwatch, isSet) }
}

/** The settings that an adapter takes, of the one source that an entry names. */
export function settingsOf(kind: RemoteKind, entry: SourceEntry): SettingsOfSource[RemoteKind] {
  const of = <Part>(part: Part | undefined): Part => {
    if (part !== undefined) return part
    throw new Error(`the entry of a source ${kind} has no settings of that kind`)
  }
  switch (kind) {
    case 'prometheus':
      return prometheusSettings(of(entry.prometheus))
    case 'datadog':
      return datadogSettings(of(entry.datadog))
    case 'cloudwatch':
      return cloudwatchSettings(of(entry.cloudwatch))
    case 'newrelic':
      return newrelicSettings(of(entry.newrelic))
    case 'graphite':
      return ownServerSettings(of(entry.graphite))
    case 'influxdb':
      return influxdbSettings(of(entry.influxdb))
    case 'web':
      return ownServerSettings(of(entry.web))
  }
}
