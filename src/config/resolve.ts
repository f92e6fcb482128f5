import type { VersionMark } from '../rollout/ports/witness.js'
import { resolveAnalysis } from './judging/analysis-settings.js'
import type { Config, FromEnvironment, Overrides, SmokeEntry } from './config.js'
import { mergedSettings } from './layers.js'
import { resolveLocal } from './local-settings.js'
import { resolvePlan } from './plan-settings.js'
import type { KeyPath, Problem } from './problem.js'
import type { RolloutFile, Settings } from './rollout-schema.js'
import type { Selection } from './selection.js'
import { resolveTiming } from './timing-settings.js'

type Env = Readonly<Record<string, string | undefined>>

/** What is to be resolved: one service in one environment, with what the workflow says. */
export interface Resolving {
  readonly file: string
  readonly document: RolloutFile
  readonly selection: Selection
  readonly overrides: Overrides
  readonly env: Env
  /** Makes a text that is filled in when it is used. */
  readonly fromEnvironment: (path: KeyPath, template: string) => FromEnvironment
}

export type Resolved =
  | { readonly config: Config; readonly problems?: undefined }
  | { readonly config?: undefined; readonly problems: readonly Problem[] }

const CONFIRM_RATE = 200

/** Brings defaults, file and workflow together. Problems name keys of the merged settings. */
export async function resolve(resolving: Resolving): Promise<Resolved> {
  const { document, selection, overrides, env, file, fromEnvironment } = resolving
  // What a service says of itself is not known then: to say that it is missing would be untrue.
  if (document.services !== undefined && selection.layer === undefined)
    return { problems: selection.problems }
  const settings = mergedSettings(document, selection.layer, selection.environment)
  const analyzed = settings.analysis !== undefined && settings.analysis !== false
  const plan = resolvePlan(settings, overrides.strategy, analyzed)
  const analysis = await resolveAnalysis(settings, plan.plan.steps, { env, fromEnvironment })
  const timing = resolveTiming(settings.timing ?? {})
  const local = resolveLocal(settings.platform?.local, selection, env)
  const confirm = resolveConfirm(settings.confirm, fromEnvironment)
  const parts = [selection, analysis, plan, timing, local, confirm]
  const problems = parts.flatMap((part) => part.problems)
  if (problems.length > 0 || local.settings === undefined) return { problems }
  return {
    config: {
      file,
      service: selection.service,
      environment: selection.environment,
      policy: {
        plan: plan.plan,
        timing: timing.timing,
        analysis: analysis.policy,
        onFail: analysis.onFail,
        onCancel: overrides.onCancel ?? settings['on-cancel'] ?? 'back',
        ifBusy: overrides.ifBusy ?? settings['if-busy'] ?? 'refuse',
        keepStableWarm: plan.keepStableWarm,
        returnAs: settings.return === 'as-rollout' ? 'rollout' : 'at-once',
        adopt: overrides.adopt ?? false,
        confirmRate: settings.confirm?.rate ?? CONFIRM_RATE,
        dryRun: overrides.dryRun ?? false,
      },
      platform: { kind: 'local', settings: local.settings },
      router: { kind: 'local' },
      metrics: analysis.sources,
      smoke: smokeOf(settings),
      confirm: confirm.settings,
      migrations: migrationsOf(settings, fromEnvironment),
      github: githubOf(settings, fromEnvironment),
      notes: plan.notes,
    },
  }
}

function resolveConfirm(
  confirm: Settings['confirm'],
  fromEnvironment: Resolving['fromEnvironment'],
): { settings: Config['confirm']; problems: readonly Problem[] } {
  if (confirm === undefined) return { settings: undefined, problems: [] }
  const version: VersionMark | undefined =
    confirm.header !== undefined
      ? { kind: 'header', name: confirm.header }
      : confirm.json !== undefined
        ? { kind: 'json', path: confirm.json }
        : undefined
  if (version === undefined) {
    const message =
      'names no version; allowed: header: x-version, or json: $.version, whichever the answers carry'
    return { settings: undefined, problems: [{ path: ['confirm'], mark: 'key', message }] }
  }
  const url = confirm.url === undefined ? undefined : fromEnvironment(['confirm', 'url'], confirm.url)
  return { settings: { url, version }, problems: [] }
}

function smokeOf(settings: Settings): readonly SmokeEntry[] {
  const first = settings.plan?.[0]
  const ofPlan = first?.weight === 0 ? (first.smoke ?? []) : []
  return [
    ...ofPlan.map((entry, index) => smokeEntry(entry, ['plan', 0, 'smoke', index])),
    ...(settings.smoke ?? []).map((entry, index) => smokeEntry(entry, ['smoke', index])),
  ]
}

function smokeEntry(entry: NonNullable<Settings['smoke']>[number], at: KeyPath): SmokeEntry {
  return typeof entry === 'string' ? { files: entry, at } : entry
}

function migrationsOf(
  settings: Settings,
  fromEnvironment: Resolving['fromEnvironment'],
): Config['migrations'] {
  const migrations = settings.migrations
  if (migrations === undefined || migrations === false) return undefined
  const { directory, database } = migrations
  return {
    directory: directory ?? 'db/migrations',
    database: database === undefined ? undefined : fromEnvironment(['migrations', 'database'], database),
  }
}

function githubOf(settings: Settings, fromEnvironment: Resolving['fromEnvironment']): Config['github'] {
  const url = settings.github?.['environment-url']
  return {
    deployments: settings.github?.deployments ?? true,
    environmentUrl: url === undefined ? undefined : fromEnvironment(['github', 'environment-url'], url),
  }
}
