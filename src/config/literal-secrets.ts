import { isMap } from './layers.js'
import { keyText, type KeyPath, type Problem } from './problem.js'

/** Keys under which people keep secrets, by their last words: DB_PASSWORD, apiKey, Authorization. */
const SECRET_KEY =
  /(?:pass(?:word|wd|phrase)?|secret|token|bearer|credentials?|authorization|cookie|(?:api|app|application|access|secret|private|signing|encryption)[-_]?key)$/i

/** Keys of ours that end in the same word and say when a release passes. */
const PASSING = /(?:^|\.)analysis\.(?:early-pass|score\.pass)$/

/** `scheme://user:password@host`, unless the password is a variable. */
const PASSWORD_IN_ADDRESS = /[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:(?!\$\{)[^\s/@]+@/i

/** The key of a certificate, wherever it stands. */
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY/

const VARIABLES_ONLY = /^(?:(?:Bearer|Basic|Token)\s+)?(?:\$\{[^}]*\})+$/i

/** Whether a value must never be shown: by its key, or as an address with a password or a private key. */
export function looksSecret(key: string | undefined, value: unknown): boolean {
  if (key !== undefined && SECRET_KEY.test(key)) return true
  return typeof value === 'string' && (/:\/\/[^\s/@]*:[^\s/@]*@/.test(value) || PRIVATE_KEY.test(value))
}

/** Whether a value must never be shown, by where it stands or by itself. */
export function looksSecretAt(path: KeyPath, value: unknown): boolean {
  return !PASSING.test(keyText(path)) && path.some((part) => looksSecret(String(part), value))
}

/**
 * Secrets that are written into the file. They are refused wherever they stand, in parts for other services and
 * environments too: what is committed is known to everybody who can read the repository, for ever.
 */
export function literalSecrets(document: unknown, path: KeyPath = []): readonly Problem[] {
  if (Array.isArray(document)) {
    return document.flatMap((item: unknown, index) => literalSecrets(item, [...path, index]))
  }
  if (isMap(document)) {
    return Object.entries(document).flatMap(([key, value]) => literalSecrets(value, [...path, key]))
  }
  const key = path.at(-1)
  if (typeof document === 'string' && document.includes('://') && PASSWORD_IN_ADDRESS.test(document)) {
    return [problem(path, 'an address with a password in it')]
  }
  if (typeof document === 'string' && PRIVATE_KEY.test(document)) return [problem(path, 'a private key')]
  if (typeof key !== 'string' || !SECRET_KEY.test(key) || isHarmless(document, path)) return []
  if (PASSING.test(keyText(path))) return []
  return [problem(path, 'a literal value')]
}

function isHarmless(value: unknown, path: KeyPath): boolean {
  if (value === null || value === '' || typeof value === 'boolean') return true
  return typeof value === 'string' && isFilledIn(path) && VARIABLES_ONLY.test(value)
}

/** Where `${NAME}` is filled in. Elsewhere it would be taken for the secret itself. */
function isFilledIn(path: KeyPath): boolean {
  const inSource = path.some((part, at) => part === 'analysis' && /^sources?$/.test(String(path[at + 1])))
  return inSource || path.includes('headers')
}

function problem(path: KeyPath, given: string): Problem {
  const inEnv = path.at(-2) === 'env'
  const advice = inEnv
    ? `name the variable in env-from instead, env-from: [${path.at(-1)}], and set it in the step's env from a secret`
    : "write ${NAME} and set that variable in the step's env from a secret"
  return { path, mark: 'value', message: `${given} where a secret belongs is refused; ${advice}` }
}
