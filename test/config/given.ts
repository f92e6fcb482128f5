import { loadConfig, type ConfigRequest } from '../../src/config/load-config.js'
import type { Config } from '../../src/config/config.js'
import { ConfigError } from '../../src/config/problem.js'

/** The least that describes a service. */
export const LEAST = 'service: shop\nplatform: { local: { command: node server.js } }\n'

export type Asked = Partial<Omit<ConfigRequest, 'text'>>

/** Loads a text as `.github/rollout.yml`, in a step whose environment has little more than a home. */
export function load(text: string, asked: Asked = {}): Promise<Config> {
  return loadConfig({ file: '.github/rollout.yml', env: { HOME: '/home/runner' }, ...asked, text })
}

/** The lines of the error that a text is refused with, without the name of the file. */
export async function refusal(text: string, asked: Asked = {}): Promise<readonly string[]> {
  try {
    await load(text, asked)
  } catch (error) {
    if (error instanceof ConfigError)
      return error.message.split('\n').map((line) => line.replace('.github/rollout.yml:', ''))
    throw error
  }
  return []
}
