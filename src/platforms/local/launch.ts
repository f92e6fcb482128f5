import type { Place } from '../../rollout/place.js'
import type { Release } from '../../rollout/release.js'
import { UserError } from '../../rollout/user-error.js'
import type { LocalSettings, ProbeSettings } from './settings.js'

/**
 * Everything by which one release is started, now or again later; kept beside its copied artifact. Without values of
 * `envFrom`: those are nowhere on disk.
 */
export interface LaunchSpec {
  readonly command: readonly string[]
  /** Absolute. */
  readonly workingDirectory: string
  readonly replicas: number
  /** What of the step's own environment every program needs: where programs and home are. */
  readonly base: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly envFrom: readonly string[]
  readonly readiness: ProbeSettings
  readonly liveness?: ProbeSettings
  readonly startupDeadlineMs: number
  readonly drainMs: number
  readonly graceMs: number
}

const PLACEHOLDER = /\{\{\s*(version|slot|image|port)\s*\}\}/

/**
 * Variables that a release inherits from the step. Everything else of a step's environment stays there: it holds inputs,
 * tokens, and the runner's mark by which it kills what a job leaves behind (trap 45).
 */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'LD_LIBRARY_PATH',
]

/** The inherited part of an environment, for a release and for the supervisor itself. */
export function inherited(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const base: Record<string, string> = {}
  for (const name of INHERITED) {
    const value = environment[name]
    if (value !== undefined) base[name] = value
  }
  return base
}

/**
 * The launch of a release by today's settings, run in the folder given.
 * @throws UserError for placeholders in a shell's script: a version such as `$(reboot)` would be run.
 */
export function launchFrom(
  settings: LocalSettings,
  workingDirectory: string,
  environment: Readonly<Record<string, string | undefined>>,
): LaunchSpec {
  const [shell = '', ...words] = settings.command
  if (/(^|\/)(ba|da|k|z|a)?sh$/.test(shell) && words.some((word) => PLACEHOLDER.test(word))) {
    throw new UserError('platform.local.command: placeholders are not replaced in what a shell runs', {
      hint: 'Use "$TUESDAY_VERSION", "$TUESDAY_SLOT", "$TUESDAY_IMAGE" and "$PORT" there.',
    })
  }
  return {
    command: settings.command,
    workingDirectory,
    replicas: settings.replicas,
    base: inherited(environment),
    env: settings.env,
    envFrom: settings.envFrom,
    readiness: settings.readiness,
    ...(settings.liveness === undefined ? {} : { liveness: settings.liveness }),
    startupDeadlineMs: settings.startupDeadlineMs,
    drainMs: settings.drainMs,
    graceMs: settings.graceMs,
  }
}

/** What one replica is told of itself. */
export interface ReplicaFacts {
  readonly release: Release
  readonly place: Place
  readonly port: number
}

/** The command of one replica, its placeholders filled. */
export function commandOf({ command }: LaunchSpec, facts: ReplicaFacts): string[] {
  return command.map((word) => filled(word, facts))
}

/** The complete environment of one replica. Ours come last: a service must not be able to lose its own port. */
export function environmentOf(
  launch: LaunchSpec,
  values: Readonly<Record<string, string>>,
  facts: ReplicaFacts,
): Record<string, string> {
  const environment: Record<string, string> = { ...launch.base }
  for (const [name, value] of Object.entries(launch.env)) environment[name] = filled(value, facts)
  for (const name of launch.envFrom) {
    const value = values[name]
    if (value !== undefined) environment[name] = value
  }
  const { release, place, port } = facts
  return {
    ...environment,
    PORT: String(port),
    TUESDAY_VERSION: release.version,
    TUESDAY_SLOT: place,
    ...(release.image === undefined ? {} : { TUESDAY_IMAGE: release.image }),
  }
}

function filled(text: string, { release, place, port }: ReplicaFacts): string {
  const known: Record<string, string> = {
    version: release.version,
    slot: place,
    image: release.image ?? '',
    port: String(port),
  }
  return text.replaceAll(new RegExp(PLACEHOLDER, 'g'), (_, key: string) => known[key] ?? '')
}
