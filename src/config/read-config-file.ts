import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { messageOf, UserError } from '../rollout/user-error.js'

/** A text, and the name by which the user knows it. */
export interface ConfigSource {
  /** Path as the user knows it, for messages. */
  readonly file: string
  /** Its content. */
  readonly text: string
}

/**
 * Reads the file as it lies in the workspace.
 * @param file as the user gave it: relative to the workspace, or absolute.
 * @throws UserError if it cannot be read.
 */
export async function readConfigFile(file: string, workspace: string): Promise<ConfigSource> {
  const path = isAbsolute(file) ? file : join(workspace, file)
  try {
    return { file, text: readFileSync(path, 'utf8') }
  } catch (cause) {
    const missing = typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT'
    const why = missing ? 'there is no such file in the workspace' : messageOf(cause)
    throw new UserError(`${file}: ${why}`, {
      hint: 'Check out the repository first (actions/checkout), or name the file by the input config.',
      cause,
    })
  }
}
