/**
 * `platform: { local: {…} }` of rollout.yml, parsed: defaults filled in, durations in milliseconds. The YAML keys
 * are these names in kebab-case (`startupDeadlineMs` is `startup-deadline: 30s`).
 */
export interface LocalSettings {
  /** The service of rollout.yml: `[A-Za-z0-9._-]`. With the environment it names the supervisor: one for each pair. */
  readonly service: string
  /** The environment, or `default` where none is given. */
  readonly environment: string
  /**
   * State directory, absolute: ledger, copies of releases, logs and the control socket live there, for this user
   * only (0700). Default: see `defaultStateDirectory`.
   */
  readonly directory: string
  /** Address that the public port listens on. Default 127.0.0.1; the slots' own ports are on loopback always. */
  readonly host: string
  /** Public port. 0 (the default): chosen once and remembered in the state directory. */
  readonly port: number
  /** Ports at which each slot answers alone, whatever the weight. A missing one is chosen once and remembered. */
  readonly slotPorts: { readonly blue?: number; readonly green?: number }
  /** Port on loopback that serves `/metrics` as Prometheus text. Absent: only the control socket gives them. */
  readonly metricsPort?: number
  /**
   * Program and arguments that start one replica, without a shell; `command` of the config may be a list, or a string that is
   * split by `splitCommand` (quotes are understood, `$` and `|` are not). Write `[sh, -c, …]` for a shell.
   * `{{version}}`, `{{slot}}`, `{{image}}` and `{{port}}` are replaced in each argument.
   */
  readonly command: readonly string[]
  /**
   * File or folder to copy into the state directory when a release is placed, so that this release can be started
   * again when the workspace is gone. Absolute, or relative to the workspace. Absent: nothing is copied, and
   * `workingDirectory` is used where it is.
   */
  readonly artifact?: string
  /** Where the command runs: inside the artifact if there is one, else relative to the workspace. Default `.`. */
  readonly workingDirectory: string
  /** Processes of a release at full size, 1 to 64. Default 1. */
  readonly replicas: number
  /**
   * Variables for the command. Placeholders as in `command`. Kept on disk with the release:
   * secrets belong into `envFrom`.
   */
  readonly env: Readonly<Record<string, string>>
  /**
   * Names of variables that are passed through from the step's own environment: for secrets. Their values are kept in
   * the supervisor's memory only, never on disk and never in arguments.
   */
  readonly envFrom: readonly string[]
  /** When a replica gets requests. Default path `/`. */
  readonly readiness: ProbeSettings
  /** When a replica is killed and started again. Absent: only its exit counts. */
  readonly liveness?: ProbeSettings
  /** A replica that is not ready this long after its start has failed (`startup-deadline`). Default 60 s. */
  readonly startupDeadlineMs: number
  /**
   * How long requests in flight at a replica may take to end before it is sent SIGTERM (`drain`); it gets no new ones
   * meanwhile. Default 30 s. Connections still open then (websockets) are cut.
   */
  readonly drainMs: number
  /** From SIGTERM to SIGKILL of the whole process group (`grace`). Default 10 s. */
  readonly graceMs: number
}

/** What stands for a slot in queries of metrics: `{{slot}}`, and `{{environment}}` as it is named above. */
export const LOCAL_PLACEHOLDERS = ['slot', 'environment'] as const

/** One HTTP GET that is repeated; any status from 200 to 399 is a success. */
export interface ProbeSettings {
  /** Path with query, beginning with `/`. */
  readonly path: string
  /** Time between two probes. Default 250 ms for readiness, 1 s for liveness. */
  readonly intervalMs: number
  /** An answer that takes longer is a failure. Default 1 s. */
  readonly timeoutMs: number
  /** Successes in a row that make it good. Default 1. */
  readonly successes: number
  /** Failures in a row that make it bad. Default 3. */
  readonly failures: number
}

export const DEFAULT_READINESS: ProbeSettings = {
  path: '/',
  intervalMs: 250,
  timeoutMs: 1_000,
  successes: 1,
  failures: 3,
}

/** Applied to what `liveness:` leaves out; without `liveness:` there is none. */
export const DEFAULT_LIVENESS: ProbeSettings = {
  path: '/',
  intervalMs: 1_000,
  timeoutMs: 1_000,
  successes: 1,
  failures: 3,
}

/** What a config that names only `command` gets, apart from names and directory. */
export const LOCAL_DEFAULTS = {
  host: '127.0.0.1',
  port: 0,
  slotPorts: {},
  workingDirectory: '.',
  replicas: 1,
  env: {},
  envFrom: [],
  readiness: DEFAULT_READINESS,
  startupDeadlineMs: 60_000,
  drainMs: 30_000,
  graceMs: 10_000,
} as const satisfies Partial<LocalSettings>

/** Most replicas of one slot on one machine. */
export const REPLICAS_LIMIT = 64

/**
 * Where the state of a service is kept if the config does not say: `$XDG_STATE_HOME`, else `~/.local/state`
 * (freedesktop.org's base directories), then `tuesday/<service>-<environment>`.
 */
export function defaultStateDirectory(
  where: { readonly home: string; readonly xdgStateHome?: string | undefined },
  service: string,
  environment: string,
): string {
  // The specification says that a relative path there is to be ignored.
  const base = where.xdgStateHome?.startsWith('/') ? where.xdgStateHome : `${where.home}/.local/state`
  return `${base}/tuesday/${service}-${environment}`
}
