import {
  defaultStateDirectory,
  DEFAULT_LIVENESS,
  DEFAULT_READINESS,
  LOCAL_DEFAULTS,
  type LocalSettings,
  type ProbeSettings,
} from '../platforms/local/settings.js'
import { splitCommand } from '../platforms/local/split-command.js'
import { messageOf } from '../rollout/user-error.js'
import type { LocalEntry, ProbeEntry } from './local-schema.js'
import type { KeyPath, Problem } from './problem.js'
import type { Selection } from './selection.js'

interface ResolvedLocal {
  readonly settings?: LocalSettings
  readonly problems: readonly Problem[]
}

type Env = Readonly<Record<string, string | undefined>>

const AT: KeyPath = ['platform', 'local']

/** What the local platform is built from, defaults filled in. */
export function resolveLocal(entry: LocalEntry | undefined, selection: Selection, env: Env): ResolvedLocal {
  if (entry === undefined) {
    const message =
      'is missing; allowed: a map that names one platform, such as platform: { local: { command: node server.js } }'
    return { problems: [{ path: ['platform'], mark: 'key', message }] }
  }
  const environment = selection.environment ?? 'default'
  const command = commandOf(entry)
  const directory = directoryOf(entry, selection.service, environment, env)
  const problems = [command, directory].flatMap((part) =>
    typeof part === 'object' && 'message' in part ? [part] : [],
  )
  if (isProblem(command) || isProblem(directory)) return { problems }
  return {
    settings: {
      service: selection.service,
      environment,
      directory,
      command,
      host: entry.host ?? LOCAL_DEFAULTS.host,
      port: entry.port ?? LOCAL_DEFAULTS.port,
      slotPorts: entry['slot-ports'] ?? LOCAL_DEFAULTS.slotPorts,
      workingDirectory: entry['working-directory'] ?? LOCAL_DEFAULTS.workingDirectory,
      replicas: entry.replicas ?? LOCAL_DEFAULTS.replicas,
      env: entry.env ?? LOCAL_DEFAULTS.env,
      envFrom: entry['env-from'] ?? LOCAL_DEFAULTS.envFrom,
      readiness: probeOf(entry.readiness ?? {}, DEFAULT_READINESS),
      startupDeadlineMs: entry['startup-deadline'] ?? LOCAL_DEFAULTS.startupDeadlineMs,
      drainMs: entry.drain ?? LOCAL_DEFAULTS.drainMs,
      graceMs: entry.grace ?? LOCAL_DEFAULTS.graceMs,
      ...(entry['metrics-port'] === undefined ? {} : { metricsPort: entry['metrics-port'] }),
      ...(entry.artifact === undefined ? {} : { artifact: entry.artifact }),
      ...(entry.liveness === undefined ? {} : { liveness: probeOf(entry.liveness, DEFAULT_LIVENESS) }),
    },
    problems: [],
  }
}

function isProblem(part: string | readonly string[] | Problem): part is Problem {
  return typeof part === 'object' && 'message' in part
}

function commandOf({ command }: LocalEntry): readonly string[] | Problem {
  if (command === undefined) {
    return {
      path: [...AT, 'command'],
      mark: 'key',
      message: 'is missing; allowed: what starts the service, such as command: node server.js',
    }
  }
  if (typeof command !== 'string') return command
  try {
    return splitCommand(command)
  } catch (error) {
    return { path: [...AT, 'command'], mark: 'value', message: messageOf(error).replace(/^command: /, '') }
  }
}

function directoryOf(entry: LocalEntry, service: string, environment: string, env: Env): string | Problem {
  if (entry.directory !== undefined) return entry.directory
  const home = env['HOME']
  const xdgStateHome = env['XDG_STATE_HOME']
  if (home === undefined && xdgStateHome === undefined) {
    const message = 'is missing, and neither HOME nor XDG_STATE_HOME is set; allowed: an absolute path'
    return { path: [...AT, 'directory'], mark: 'key', message }
  }
  return defaultStateDirectory({ home: home ?? '', xdgStateHome }, service, environment)
}

function probeOf(entry: ProbeEntry, defaults: ProbeSettings): ProbeSettings {
  return {
    path: entry.path ?? defaults.path,
    intervalMs: entry.interval ?? defaults.intervalMs,
    timeoutMs: entry.timeout ?? defaults.timeoutMs,
    successes: entry.successes ?? defaults.successes,
    failures: entry.failures ?? defaults.failures,
  }
}
