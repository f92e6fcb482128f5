import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../rollout/user-error.js'
import type { SmokeCheck } from '../smoke/smoke-check.js'
import type { Config } from './config.js'
import { fillIn, namesIn } from './interpolation.js'
import { readDocument } from './yaml/read-document.js'
import { smokeFileSchema, type SmokeCheckSettings } from './smoke-schema.js'

const DEFAULT_WITHIN_MS = 2_000

type Env = Readonly<Record<string, string | undefined>>

/** Told the name and the value of each variable that is filled in: a service may echo it, and nobody should read it. */
export type OnFilledIn = (name: string, value: string) => void

/**
 * The smoke checks of the config, those of the files that it names included, with variables filled in.
 * @param workspace what globs are relative to
 * @throws UserError for a glob that finds nothing, a file that holds no checks (with line and column), or a variable
 * that is not set
 */
export async function readSmokeChecks(
  config: Config,
  workspace: string,
  env: Env,
  onFilledIn: OnFilledIn = () => undefined,
): Promise<readonly SmokeCheck[]> {
  const found: SmokeCheckSettings[] = []
  for (const entry of config.smoke) {
    if ('files' in entry) found.push(...(await checksIn(entry.files, workspace, config.file)))
    else found.push(entry)
  }
  for (const { headers } of found) {
    for (const name of Object.values(headers ?? {}).flatMap(namesIn)) {
      const value = env[name]
      if (value !== undefined) onFilledIn(name, value)
    }
  }
  return found.map((settings) => resolveCheck(settings, env))
}

async function checksIn(
  pattern: string,
  workspace: string,
  configFile: string,
): Promise<readonly SmokeCheckSettings[]> {
  const files: string[] = []
  for await (const file of glob(pattern, { cwd: workspace })) files.push(file)
  if (files.length === 0) {
    throw new UserError(`${configFile}: smoke: no file matches ${pattern}`, {
      hint: 'The pattern is relative to the workspace. Check out the repository first.',
    })
  }
  const lists = await Promise.all(files.sort().map((file) => readList(file, workspace)))
  return lists.flat()
}

async function readList(file: string, workspace: string): Promise<readonly SmokeCheckSettings[]> {
  return readDocument(smokeFileSchema, { file, text: await readFile(join(workspace, file), 'utf8') })
}

function resolveCheck(settings: SmokeCheckSettings, env: Env): SmokeCheck {
  const method = settings.method ?? 'GET'
  const name = settings.name ?? `${method} ${settings.path}`
  const isText = typeof settings.body === 'string'
  const json = settings.body !== undefined && !isText ? { 'content-type': 'application/json' } : {}
  return {
    name,
    method,
    path: settings.path,
    headers: { ...json, ...filledIn(settings.headers ?? {}, name, env) },
    body:
      settings.body === undefined || typeof settings.body === 'string'
        ? settings.body
        : JSON.stringify(settings.body),
    expect: {
      status: listOf(settings.status ?? 200),
      contains: listOf(settings.contains ?? []),
      json: settings.json ?? {},
      withinMs: settings.within ?? DEFAULT_WITHIN_MS,
    },
    retries: settings.retries ?? 0,
  }
}

function filledIn(
  headers: Readonly<Record<string, string>>,
  check: string,
  env: Env,
): Record<string, string> {
  const filled = Object.entries(headers).map(([name, template]) => {
    const text = fillIn(template, env)
    if ('text' in text) return [name, text.text] as const
    const what =
      'missing' in text
        ? `${text.missing.join(', ')} is empty or not set`
        : `${JSON.stringify(text.malformed)} is no variable`
    throw new UserError(`smoke check ${check}: header ${name}: ${what}`, {
      hint: 'Set it in the env of the step, from a secret if it is one.',
    })
  })
  return Object.fromEntries(filled)
}

function listOf<Value extends string | number>(value: Value | readonly Value[]): readonly Value[] {
  return typeof value === 'object' ? value : [value]
}
