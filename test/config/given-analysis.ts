import type { Config } from '../../src/config/config.js'
import type { ReadSource, RemoteKind, RemoteSource } from '../../src/config/sources/source-config.js'
import { LEAST, load, type Asked } from './given.js'

/** A file with this below `analysis:`. */
export const analysis = (text: string): string => `${LEAST}analysis:\n${text.replaceAll(/^/gm, '  ')}\n`

/** The source that a config names, if it is none of the local platform. */
export function remote(config: Config, index = 0): RemoteSource {
  const source = config.metrics?.[index]
  if (source === undefined || source.kind === 'local') throw new Error(`no remote source at ${index}`)
  return source
}

export interface Read extends ReadSource {
  readonly kind: RemoteKind
  readonly secrets: readonly (readonly [name: string, value: string])[]
}

/** A source as a step reads it that is going to ask it. */
export async function read(text: string, env: Record<string, string> = {}, asked: Asked = {}): Promise<Read> {
  const config = await load(analysis(text), { env: { HOME: '/home/runner', ...env }, ...asked })
  const secrets: (readonly [string, string])[] = []
  const source = remote(config)
  return {
    kind: source.kind,
    ...(await source.read((name, value) => secrets.push([name, value]))),
    secrets,
  }
}
