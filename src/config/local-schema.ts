import * as v from 'valibot'
import {
  DEFAULT_LIVENESS,
  DEFAULT_READINESS,
  LOCAL_DEFAULTS,
  REPLICAS_LIMIT,
  type ProbeSettings,
} from '../platforms/local/settings.js'
import { durationText } from './duration-text.js'
import { key, positiveDuration, requestPath, text, wholeNumber, duration } from './value-formats.js'

const port = wholeNumber(0, 65_535, 'a port')
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
const VARIABLE_PHRASE = 'the name of an environment variable, such as DATABASE_URL'
const variable = v.pipe(v.string(VARIABLE_PHRASE), v.regex(VARIABLE, VARIABLE_PHRASE))
const VALUE_PHRASE = 'text, a number, true or false'

/** YAML reads `8080` and `true` as what they are; a variable's value is text. */
const variableValue = v.union(
  [
    v.string(VALUE_PHRASE),
    v.pipe(v.number(VALUE_PHRASE), v.transform(String)),
    v.pipe(v.boolean(VALUE_PHRASE), v.transform(String)),
  ],
  VALUE_PHRASE,
)

const COMMAND_PHRASE = 'a command line such as "node server.js", or a list: [node, server.js]'
const command = v.union(
  [text(COMMAND_PHRASE), v.pipe(v.array(v.string('text'), COMMAND_PHRASE), v.minLength(1, COMMAND_PHRASE))],
  COMMAND_PHRASE,
)

const ABSOLUTE_PHRASE = 'an absolute path, such as /var/lib/tuesday/shop'

function probe(defaults: ProbeSettings) {
  return v.strictObject(
    {
      path: key(
        requestPath,
        'Path that is asked by GET; any status from 200 to 399 is a success.',
        defaults.path,
      ),
      interval: key(positiveDuration, 'Time between two probes.', durationText(defaults.intervalMs)),
      timeout: key(
        positiveDuration,
        'An answer that takes longer is a failure.',
        durationText(defaults.timeoutMs),
      ),
      successes: key(wholeNumber(1, 1_000), 'Successes in a row that make it good.', defaults.successes),
      failures: key(wholeNumber(1, 1_000), 'Failures in a row that make it bad.', defaults.failures),
    },
    'a map such as { path: /health, interval: 1s }',
  )
}

/** `platform: { local: … }`: the keys of LocalSettings, in kebab-case. */
export const localSchema = v.strictObject(
  {
    command: key(
      command,
      'Program and arguments that start one replica, without a shell. Required. `PORT` tells it where to listen.',
    ),
    port: key(
      port,
      'Public port. 0: chosen once and remembered in the state directory.',
      LOCAL_DEFAULTS.port,
    ),
    host: key(
      text('an address such as 127.0.0.1'),
      'Address that the public port listens on.',
      LOCAL_DEFAULTS.host,
    ),
    'slot-ports': key(
      v.strictObject(
        {
          blue: key(
            port,
            'Port at which blue alone answers, whatever the weight. Chosen once if it is not given.',
          ),
          green: key(
            port,
            'Port at which green alone answers, whatever the weight. Chosen once if it is not given.',
          ),
        },
        'a map such as { blue: 8081, green: 8082 }',
      ),
      'Ports on loopback at which each slot answers alone.',
    ),
    'metrics-port': key(
      port,
      'Port on loopback that serves /metrics as Prometheus text. Without it only the control socket gives them.',
    ),
    artifact: key(
      text('a path such as dist'),
      'File or folder that is copied when a release is placed, so that it can be started again when the workspace is gone. Absolute, or relative to the workspace.',
    ),
    'working-directory': key(
      text('a path such as .'),
      'Where the command runs: inside the artifact if there is one, else relative to the workspace.',
      LOCAL_DEFAULTS.workingDirectory,
    ),
    replicas: key(
      wholeNumber(1, REPLICAS_LIMIT),
      'Processes of a release at full size.',
      LOCAL_DEFAULTS.replicas,
    ),
    env: key(
      v.record(variable, variableValue, 'a map of variables such as { LOG_LEVEL: info }'),
      'Variables for the command. `{{version}}`, `{{slot}}` and `{{image}}` are replaced. Never secrets: they belong into `env-from`.',
    ),
    'env-from': key(
      v.array(variable, 'a list of names such as [DATABASE_URL]'),
      'Names of variables that are passed through from the environment of the step: for secrets.',
    ),
    readiness: key(probe(DEFAULT_READINESS), 'When a replica gets requests.'),
    liveness: key(
      probe(DEFAULT_LIVENESS),
      'When a replica is killed and started again. Without it only its exit counts.',
    ),
    'startup-deadline': key(
      positiveDuration,
      'A replica that is not ready this long after its start has failed.',
      durationText(LOCAL_DEFAULTS.startupDeadlineMs),
    ),
    drain: key(
      duration,
      'How long requests in flight at a replica may take to end before it is sent SIGTERM.',
      durationText(LOCAL_DEFAULTS.drainMs),
    ),
    grace: key(duration, 'Time from SIGTERM to SIGKILL.', durationText(LOCAL_DEFAULTS.graceMs)),
    directory: key(
      v.pipe(v.string(ABSOLUTE_PHRASE), v.regex(/^\//, ABSOLUTE_PHRASE)),
      'State directory, absolute: ledger, copies of releases, logs and control socket, for this user only. Default: `$XDG_STATE_HOME/tuesday/<service>-<environment>`, else below `~/.local/state`.',
    ),
  },
  'a map with at least a command: { command: node server.js }',
)

export type LocalEntry = v.InferOutput<typeof localSchema>
export type ProbeEntry = NonNullable<LocalEntry['readiness']>
