import type { AnalysisEntry } from '../judging/analysis-schema.js'
import { keyText, type Problem } from '../problem.js'
import { fillVariables, type Variables } from './fill-variables.js'
import { knownSources, unknownSource, type KnownSource } from './known-sources.js'
import { presetIn, queriesOf, type CountedMetric, type Queries, type UsualPreset } from './metric-queries.js'
import { promqlProblems, sidelessProblems } from './query-faults.js'
import {
  hiddenValues,
  placeholderProblems,
  type Asking,
  type PlatformPlaceholders,
} from './query-placeholders.js'
import { lackingSettings } from './required-settings.js'
import { filledEntry, settingsOf } from './settings-of-source.js'
import type { OnSecret, ReadSource, RemoteKind, SourceConfig } from './source-config.js'

/*
 * Which source counts which metric, and what it is asked. Loaded only for files that name another source than the local one, or
 * a key of a metric that is for sources.
 */

export interface ResolvedSources {
  readonly sources: readonly SourceConfig[]
  /** What each metric asks, by its name, as it is written. */
  readonly queries: ReadonlyMap<string, Queries>
  readonly problems: readonly Problem[]
}

/** What the platform beneath has to do with the metrics. */
export interface Beneath {
  readonly usual: UsualPreset
  /** Undefined where the file names no platform, which is told elsewhere. */
  readonly placeholders: PlatformPlaceholders | undefined
}

export function resolveSources(
  analysis: AnalysisEntry,
  metrics: readonly CountedMetric[],
  variables: Variables,
  { usual, placeholders }: Beneath,
): ResolvedSources {
  const known = knownSources(analysis)
  if (known.problems.length > 0) return { sources: [], queries: new Map(), problems: known.problems }
  const problems: Problem[] = []
  const asking: Asking[] = []
  for (const metric of metrics) {
    const source = sourceOf(metric, known)
    if ('message' in source) {
      problems.push(source)
      continue
    }
    const asked = queriesOf(metric, source, usual)
    if (asked.queries === undefined) problems.push(...asked.problems)
    else asking.push({ metric, source, queries: asked.queries })
  }
  const used = [...new Set(asking.map(({ source }) => source))]
  const lacking = used.flatMap(lackingSettings)
  problems.push(...lacking)
  if (placeholders !== undefined && lacking.length === 0) {
    problems.push(...used.flatMap((source) => hiddenValues(source, placeholders)))
    problems.push(...once(asking.flatMap((one) => queryProblems(one, placeholders))))
  }
  return {
    sources: used.map((source) =>
      configOf(
        source,
        asking.filter((one) => one.source === source),
        variables,
      ),
    ),
    queries: new Map(asking.map(({ metric, queries }) => [metric.name, queries])),
    problems,
  }
}

/** Of each text what is wrong first: a mistyped `{{slto}}` is why a query says nothing of the side. */
function queryProblems(asking: Asking, platform: PlatformPlaceholders): readonly Problem[] {
  return [placeholderProblems, promqlProblems, sidelessProblems].reduce<readonly Problem[]>((found, look) => {
    const told = found.map(({ path }) => keyText(path))
    return [...found, ...look(asking, platform).filter(({ path }) => !told.includes(keyText(path)))]
  }, [])
}

/** A preset is named once, whatever number of metrics asks by it. */
function once(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter((one, index) => {
    const same = (other: Problem): boolean =>
      other.message === one.message && keyText(other.path) === keyText(one.path)
    return problems.findIndex(same) === index
  })
}

function sourceOf(
  { entry, at, name }: CountedMetric,
  { byName, usual }: ReturnType<typeof knownSources>,
): KnownSource | Problem {
  const names = [...byName.keys()]
  if (entry.source === undefined) {
    const message = `${name} does not say which source counts it; allowed: source: ${names.join(', ')}`
    return usual ?? { path: at, mark: 'value', message }
  }
  return byName.get(entry.source) ?? unknownSource(entry.source, [...at, 'source'], names)
}

function configOf(source: KnownSource, asking: readonly Asking[], variables: Variables): SourceConfig {
  const { name, kind } = source
  const metrics = asking.map(({ metric }) => metric.name)
  if (kind === 'local') return { name, kind, metrics }
  const roles = presetIn(source)?.roles
  const read = (onSecret: OnSecret) => readSource(kind, source, asking, variables, onSecret)
  return { name, kind, metrics, ...(roles !== undefined && { roles }), read }
}

async function readSource(
  kind: RemoteKind,
  source: KnownSource,
  asking: readonly Asking[],
  variables: Variables,
  onSecret: OnSecret,
): Promise<ReadSource> {
  const isSet = (name: string): boolean => (variables.env[name] ?? '') !== ''
  const written = filledEntry(source.entry, isSet)
  const entry = await fillVariables(written, source.at.slice(0, -1), variables, onSecret)
  const queries = asking.map(
    async ({ metric, queries }) =>
      [metric.name, await fillVariables(queries, metric.at, variables, onSecret)] as const,
  )
  return { settings: settingsOf(kind, entry), queries: Object.fromEntries(await Promise.all(queries)) }
}
