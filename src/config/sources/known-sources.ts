import { nearest } from '../../rollout/nearest.js'
import type { AnalysisEntry } from '../judging/analysis-schema.js'
import type { KeyPath, Problem } from '../problem.js'
import { SOURCE_KINDS, type SourceEntry, type SourceKind } from './source-schema.js'

/** A source that metrics may name. */
export interface KnownSource {
  readonly name: string
  readonly kind: SourceKind
  readonly entry: SourceEntry
  /** Where its settings stand. */
  readonly at: KeyPath
}

/** The sources of an analysis by name, and which of them counts what names none. */
export interface KnownSources {
  readonly byName: ReadonlyMap<string, KnownSource>
  readonly usual: KnownSource | undefined
  readonly problems: readonly Problem[]
}

const LOCAL: KnownSource = { name: 'local', kind: 'local', entry: { local: {} }, at: ['analysis', 'source'] }

/** Brings `source` and `sources` together. */
export function knownSources({ source, sources = {} }: AnalysisEntry): KnownSources {
  const problems: Problem[] = []
  const byName = new Map([[LOCAL.name, LOCAL]])
  const add = (name: string, entry: SourceEntry, path: KeyPath): void => {
    const kind = kindOf(entry)
    if (byName.has(name) && !(name === 'local' && kind === 'local')) {
      const message = `${name} is the name of another source; allowed: another name, such as ${name}-2`
      problems.push({ path, mark: 'key', message })
    } else byName.set(name, { name, kind, entry, at: [...path, kind] })
  }
  if (typeof source === 'object') add(kindOf(source), source, ['analysis', 'source'])
  for (const [name, entry] of Object.entries(sources)) add(name, entry, ['analysis', 'sources', name])
  const names = Object.keys(sources)
  const usual =
    typeof source === 'object'
      ? kindOf(source)
      : (source ?? (names.length === 0 ? LOCAL.name : names.length === 1 ? names[0] : undefined))
  if (usual !== undefined && !byName.has(usual)) {
    problems.push(unknownSource(usual, ['analysis', 'source'], [...byName.keys()]))
  }
  return { byName, usual: usual === undefined ? undefined : byName.get(usual), problems }
}

/** What to say of a name that no source has. */
export function unknownSource(given: string, path: KeyPath, names: readonly string[]): Problem {
  const allowed = `allowed: ${names.join(', ')}, or a map such as source: { prometheus: { url: "\${PROMETHEUS_URL}" } }`
  const kind = SOURCE_KINDS.find((one) => one === given)
  if (kind !== undefined) {
    const message = `given ${JSON.stringify(given)}, which has no settings here; write them as analysis.source: { ${kind}: { … } }`
    return { path, mark: 'value', message }
  }
  const near = nearest(given, [...names, ...SOURCE_KINDS])
  const meant = near === undefined ? '' : `did you mean ${near}? `
  return { path, mark: 'value', message: `given ${JSON.stringify(given)}; ${meant}${allowed}` }
}

/** The schema has seen to it that there is exactly one. */
function kindOf(entry: SourceEntry): SourceKind {
  return SOURCE_KINDS.find((kind) => entry[kind] !== undefined) ?? 'local'
}
