import * as v from 'valibot'
import type { analysisSchema } from './judging/analysis-schema.js'
import { localSchema } from './local-schema.js'
import { planSchema } from './plan-schema.js'
import { smokeSchema } from './smoke-schema.js'
import { timingSchema } from './timing-schema.js'
import {
  key,
  name,
  NAME,
  oneOf,
  positiveDuration,
  text,
  webAddress,
  wholeNumber,
  yesOrNo,
} from './value-formats.js'

const DATABASE_PHRASE = 'an address from the environment, such as "${DATABASE_URL}"'

const confirmSchema = v.pipe(
  v.strictObject(
    {
      url: key(
        webAddress,
        'Public address that is asked which release answers. Default: the address of the platform, where it knows one.',
      ),
      header: key(
        text('the name of a response header, such as x-version'),
        'Response header that names the version.',
      ),
      json: key(text('a JSON path such as $.version'), 'JSON path (RFC 9535) to the version in the body.'),
      rate: key(wholeNumber(1, 200, 'requests a second'), 'Most confirmation requests a second.', 200),
    },
    'a map such as { header: x-version }',
  ),
  v.check(
    (given) => given.header === undefined || given.json === undefined,
    'either header or json, whichever names the version',
  ),
)

const migrationsSchema = v.strictObject(
  {
    directory: key(
      text('a path such as db/migrations'),
      'Folder of the migrations, relative to the workspace.',
      'db/migrations',
    ),
    database: key(
      text(DATABASE_PHRASE),
      'Database that is migrated. `${NAME}` is filled in from the environment; a password written here is refused.',
    ),
  },
  'a map such as { directory: db/migrations, database: "${DATABASE_URL}" }, or false',
)

const githubSchema = v.strictObject(
  {
    deployments: key(yesOrNo, 'Whether a GitHub deployment record is written for each rollout.', true),
    'environment-url': key(webAddress, 'Address that the deployment record shows. `${NAME}` is filled in.'),
  },
  'a map such as { deployments: true }',
)

const orNot = <const S extends v.GenericSchema>(schema: S, phrase: string) =>
  v.union([schema, v.literal(false, phrase)], phrase)

/**
 * The keys that hold for a service; `services` and `environments` override any of them.
 * @param analysis what `analysis` is checked by: the plain schema, or the full one
 */
export const settingsWith = <A extends v.GenericSchema>(analysis: A) => ({
  platform: key(
    v.strictObject(
      {
        local: key(localSchema, 'Processes on this machine: for rehearsals, pull requests, demos and tests.'),
      },
      'a map that names one platform: { local: { command: node server.js } }',
    ),
    'Where releases run. Required.',
  ),
  router: key(
    oneOf(['local']),
    'What sends requests to the slots. The local platform brings its own.',
    'local',
  ),
  strategy: key(
    oneOf(['canary', 'blue-green', 'rolling', 'recreate']),
    'How a release takes over.',
    'canary',
  ),
  plan: key(
    planSchema,
    'Weights, holds and checks in rising order, up to 100. Default for canary: 5 and 25 for 5m each, 50 for 10m, then 100; for blue-green: 0, then 100.',
  ),
  smoke: key(
    smokeSchema,
    'Checks of the candidate before it gets any traffic: a list of checks, or globs of files.',
  ),
  confirm: key(
    confirmSchema,
    'How real answers tell which release gave them: the proof that a weight has taken effect.',
  ),
  analysis: key(
    orNot(analysis, 'a map such as { metrics: [errors, latency-p95] }, or false'),
    'How the candidate is judged while a weight is held. Without it, or with false, nothing is judged.',
  ),
  migrations: key(
    orNot(
      migrationsSchema,
      'a map such as { directory: db/migrations, database: "${DATABASE_URL}" }, or false',
    ),
    'Database migrations that belong to the releases.',
  ),
  'on-cancel': key(oneOf(['back', 'hold']), 'Where a cancelled job leaves the traffic.', 'back'),
  'if-busy': key(
    oneOf(['refuse', 'wait', 'supersede']),
    'What a deploy does while another run has a rollout open: refuse, wait for it, or take it back first.',
    'refuse',
  ),
  return: key(
    oneOf(['at-once', 'as-rollout']),
    'Whether a release that was stable before goes back to 100 at once, or walks the plan.',
    'at-once',
  ),
  'keep-stable-warm': key(
    positiveDuration,
    'How long the old release is kept running after promotion. Default: not at all for canary, until the next deploy for blue-green.',
  ),
  timing: key(timingSchema, 'Deadlines and other durations.'),
  github: key(githubSchema, 'What is reported to GitHub.'),
})

const NAME_PHRASE = 'a name of letters, digits, ".", "_" and "-", at most 63'
const nameKey = v.pipe(v.string(NAME_PHRASE), v.regex(NAME, NAME_PHRASE))

/** The whole of rollout.yml, with the `analysis` that the settings hold. */
export function rolloutSchemaOf<A extends v.GenericSchema>(settings: ReturnType<typeof settingsWith<A>>) {
  const overridesSchema = v.strictObject(settings, 'a map of keys that are to be other than above')
  const environmentsSchema = v.record(
    nameKey,
    v.nullable(overridesSchema),
    'a map from environments to what is other in them: { staging: { strategy: blue-green } }',
  )
  const serviceSchema = v.strictObject(
    { ...settings, environments: key(environmentsSchema, 'Overrides of this service by environment.') },
    'a map of keys that are to be other than above',
  )

  return v.pipe(
    v.strictObject(
      {
        service: key(name('service'), 'What is deployed. Either this or `services`.'),
        services: key(
          v.record(
            nameKey,
            v.nullable(serviceSchema),
            'a map from services to what is other in them: { web: { smoke: [smoke/web.yml] } }',
          ),
          'Several services: a map from name to overrides of any key below.',
        ),
        environment: key(
          name('environment'),
          'Environment that the file describes, if the workflow gives none. It is never guessed.',
        ),
        environments: key(environmentsSchema, 'Overrides of any key below by environment.'),
        ...settings,
      },
      'a map of keys such as service: shop',
    ),
    v.title('rollout.yml'),
    v.description('Progressive delivery of one service, or several, with Tuesday.'),
  )
}

type Full = ReturnType<typeof rolloutSchemaOf<typeof analysisSchema>>

export type RolloutFile = v.InferOutput<Full>
export type Settings = Omit<RolloutFile, 'service' | 'services' | 'environment' | 'environments'>
