import type { Config, FromEnvironment, Overrides } from './config.js'
import { fillIn } from './interpolation.js'
import type { KeyPath, Problem } from './problem.js'
import type { ConfigSource } from './read-config-file.js'
import { plainRolloutSchema } from './plain-rollout-schema.js'
import { readByEither } from './yaml/read-document.js'
import { resolve } from './resolve.js'
import type { RolloutFile } from './rollout-schema.js'
import { select, type Selection } from './selection.js'

export interface ConfigRequest extends ConfigSource {
  /** Which service of `services:`; may be left out where there is only one. */
  readonly service?: string | undefined
  /** The environment that the workflow names. */
  readonly environment?: string | undefined
  readonly overrides?: Overrides | undefined
  /** The environment variables that `${NAME}` stands for, and HOME and XDG_STATE_HOME. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Reads rollout.yml for one service in one environment.
 * @throws ConfigError (a UserError) that lists everything wrong in the file at once, one line each, with its place.
 */
export async function loadConfig(request: ConfigRequest): Promise<Config> {
  const document = await readRollout(request)
  const selection = select(document, request)
  const refuse = (problems: readonly Problem[]) => settingsError(request, selection, problems)
  const fromEnvironment = (path: KeyPath, template: string) => variableText(request, path, template, refuse)
  const { file, env, overrides = {} } = request
  const { config, problems } = await resolve({ file, env, overrides, document, selection, fromEnvironment })
  if (config === undefined) throw await refuse(problems)
  return config
}

/**
 * The services that the file describes, in its order; at least one.
 * @throws ConfigError as loadConfig does.
 */
export async function listServices(source: ConfigSource): Promise<readonly string[]> {
  const document = await readRollout(source)
  const names = Object.keys(document.services ?? {})
  if (names.length > 1 && document.service === undefined) return names
  const selection = select(document, {})
  if (selection.service === '') throw await settingsError(source, selection, selection.problems)
  return [selection.service]
}

/** Files that name no source of metrics are read without what knows of them: steps start faster. */
function readRollout(source: ConfigSource): Promise<RolloutFile> {
  return readByEither(
    plainRolloutSchema,
    async () => (await import('./full-rollout-schema.js')).rolloutSchema,
    source,
  )
}

async function settingsError(
  source: ConfigSource,
  selection: Selection,
  problems: readonly Problem[],
): Promise<Error> {
  const explain = await import('./explain.js')
  return explain.settingsError(source, selection, problems)
}

function variableText(
  { env }: ConfigRequest,
  path: KeyPath,
  template: string,
  refuse: (problems: readonly Problem[]) => Promise<Error>,
): FromEnvironment {
  const value: FromEnvironment['value'] = async (fault) => {
    const filled = fillIn(template, env)
    const wrong = 'text' in filled ? fault?.(filled.text) : undefined
    if ('text' in filled && wrong === undefined) return filled.text
    const message =
      'text' in filled
        ? (wrong ?? '')
        : 'missing' in filled
          ? `${filled.missing.join(', ')} is empty or not set; set it in the env of the step, from a secret if it is one`
          : `${JSON.stringify(filled.malformed)} is no variable; allowed: \${NAME} with letters, digits and _`
    throw await refuse([{ path, mark: 'value', message }])
  }
  return { key: path.join('.'), template, value }
}
