import { messageOf, UserError } from '../../rollout/user-error.js'
import type { TlsSettings } from './server-settings.js'

/** What a TLS connection is made with, all as PEM text. */
export type TlsMaterial = TlsSettings

/**
 * Reads what is given as a file.
 * @throws UserError which never repeats what was given: a key in the place of a path must not be shown
 */
export async function tlsMaterial(
  tls: TlsSettings | undefined,
  workspace = process.cwd(),
): Promise<TlsMaterial> {
  if (tls === undefined) return {}
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    const missing = tls.cert === undefined ? 'cert' : 'key'
    throw new UserError(`tls.${missing} is missing: a client certificate needs cert and key`)
  }
  const read = async (name: keyof TlsSettings): Promise<TlsMaterial> => {
    const given = tls[name]
    return given === undefined ? {} : { [name]: await pemOf(name, given, workspace) }
  }
  const material = { ...(await read('cert')), ...(await read('key')), ...(await read('ca')) }
  refuseWhatDoesNotFit(material)
  return material
}

async function pemOf(name: string, given: string, workspace: string): Promise<string> {
  if (given.includes('-----BEGIN ')) return given
  const hint = 'Give PEM text (-----BEGIN …) or the path of a file with it.'
  if (given.trim() === '') throw new UserError(`tls.${name} is empty`, { hint })
  try {
    const { readFile } = process.getBuiltinModule('node:fs/promises')
    const text = await readFile(process.getBuiltinModule('node:path').resolve(workspace, given), 'utf8')
    if (text.includes('-----BEGIN ')) return text
  } catch (thrown) {
    const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : ''
    throw new UserError(`tls.${name} is neither PEM text nor a file that can be read (${code})`, { hint })
  }
  throw new UserError(`tls.${name} names a file without PEM text in it`, { hint })
}

/** Found before the first request, where it could only be told as a failed connection. */
function refuseWhatDoesNotFit(material: TlsMaterial): void {
  try {
    process.getBuiltinModule('node:tls').createSecureContext(material)
  } catch (thrown) {
    throw new UserError(`tls: certificate, key and ca cannot be used together (${messageOf(thrown)})`, {
      hint: 'The key must belong to the certificate, without a passphrase.',
    })
  }
}
