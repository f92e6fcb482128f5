import type { Hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Release } from '../../rollout/release.js'
import { UserError } from '../../rollout/user-error.js'
import type { LocalSettings } from './settings.js'
import { isMissing } from './state-directory.js'

/** Digits of a digest that are kept: a chance of one in 10^19 that two builds look the same. */
const DIGITS = 16

/**
 * The key of a release's copy: label, digest of all by which it is started, and after a point that of its content alone,
 * by which two builds under one label are told apart when the copy is gone.
 */
export function keyOf(release: Release, launch: object, content: string | undefined): string {
  const { createHash } = process.getBuiltinModule('node:crypto')
  const whole = createHash('sha256')
    .update(JSON.stringify([release, launch, content]))
    .digest('hex')
  const label = release.version.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 40)
  return `${label}-${whole.slice(0, DIGITS)}${content === undefined ? '' : `.${content}`}`
}

/** The digest of the content in a key; undefined if nothing was copied. */
export function contentIn(key: string): string | undefined {
  return key.split('.')[1]
}

/** The digest of what this step would copy; undefined if the settings name no artifact, or it was not built here. */
export async function contentBrought(
  { artifact }: Pick<LocalSettings, 'artifact'>,
  workspace: string,
): Promise<string | undefined> {
  const source = artifact === undefined ? undefined : resolve(workspace, artifact)
  return source === undefined || !existsSync(source) ? undefined : contentOf(source)
}

/**
 * The digest of a file or folder: names, modes, link targets and bytes, in a fixed order. Not times, and not what git notes
 * of the checkout (`.git`): they differ at each run of the same commit.
 * @throws UserError if it does not exist
 */
export async function contentOf(path: string): Promise<string> {
  const { createHash } = process.getBuiltinModule('node:crypto')
  const hash = createHash('sha256')
  await add(hash, path)
  return hash.digest('hex').slice(0, DIGITS)
}

async function add(hash: Hash, path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error
    throw new UserError(`platform.local.artifact: ${path} does not exist`, {
      hint: 'Build it in a step before, or download it (actions/download-artifact).',
    })
  })
  hash.update(`${basename(path)} ${found.mode & 0o111 ? 'x' : '-'} ${found.isFile() ? found.size : ''}\n`)
  if (found.isSymbolicLink()) {
    hash.update(await readlink(path))
  } else if (found.isDirectory()) {
    const names = (await readdir(path)).filter((name) => name !== '.git').sort()
    for (const name of names) await add(hash, join(path, name))
  } else if (found.isFile()) {
    const file = await open(path)
    for await (const chunk of file.createReadStream({ autoClose: true })) hash.update(chunk as Buffer)
  }
}
