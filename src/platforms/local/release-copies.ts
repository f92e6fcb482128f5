import type { Hash } from 'node:crypto'
import {
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { cp, lstat, open, readdir, readlink, rename } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Release } from '../../rollout/release.js'
import { UserError } from '../../rollout/user-error.js'
import { launchFrom, type LaunchSpec } from './launch.js'
import type { LocalSettings } from './settings.js'
import { errorCode, isMissing } from './state-directory.js'

/** How many copies are kept beside those that run and those that the ledger names. */
const KEEP = 20
const LAUNCH = 'launch.json'
const ARTIFACT = 'artifact'

export interface ReleaseCopy {
  /** Names it in the state directory and in the release's handle. */
  readonly key: string
  readonly launch: LaunchSpec
}

/**
 * Copies of releases in the state directory, each with how it is started, so that a release can be started again when the
 * workspace it came from is gone. A copy never changes: other content under the same version is another copy.
 */
export class ReleaseCopies {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Copies what the settings name, unless the same is there already. A kill leaves a whole copy or none. */
  async keep(
    settings: LocalSettings,
    release: Release,
    workspace: string,
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<ReleaseCopy> {
    const source = settings.artifact === undefined ? undefined : resolve(workspace, settings.artifact)
    const template = launchFrom(settings, resolve(workspace, settings.workingDirectory), environment)
    const { base, ...lasting } = template
    const { createHash } = process.getBuiltinModule('node:crypto')
    const hash = createHash('sha256').update(JSON.stringify([release, lasting]))
    if (source !== undefined) await hashContent(hash, source)
    const label = release.version.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 40)
    const key = `${label}-${hash.digest('hex').slice(0, 16)}`
    const known = this.find(key)
    if (known !== undefined) return known
    const launch: LaunchSpec =
      source === undefined
        ? template
        : {
            ...lasting,
            base,
            workingDirectory: resolve(join(this.#folder, key, ARTIFACT), settings.workingDirectory),
          }
    await this.#copy(key, source, launch)
    return { key, launch }
  }

  /** A copy made before; undefined if it is not there any more. */
  find(key: string): ReleaseCopy | undefined {
    const folder = join(this.#folder, key)
    try {
      const launch = JSON.parse(readFileSync(join(folder, LAUNCH), 'utf8')) as LaunchSpec
      utimesSync(folder, new Date(), new Date())
      return { key, launch }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** Removes copies that nobody can ask for any more. `ledger`: its text, in which handles are found by their key. */
  prune(inUse: readonly string[], ledger: string): void {
    const copies = this.#keys().map((key) => ({
      key,
      usedMs: statSync(join(this.#folder, key), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    copies.sort((one, other) => other.usedMs - one.usedMs)
    for (const { key } of copies.slice(KEEP)) {
      if (!inUse.includes(key) && !ledger.includes(key))
        rmSync(join(this.#folder, key), { recursive: true, force: true })
    }
  }

  #keys(): string[] {
    return existsSync(this.#folder) ? readdirSync(this.#folder).filter((name) => !name.startsWith('.')) : []
  }

  async #copy(key: string, source: string | undefined, launch: LaunchSpec): Promise<void> {
    const { randomBytes } = process.getBuiltinModule('node:crypto')
    const unfinished = join(this.#folder, `.${key}.${randomBytes(6).toString('hex')}`)
    mkdirSync(join(unfinished, ARTIFACT), { recursive: true, mode: 0o700 })
    try {
      if (source !== undefined) {
        const whole = statSync(source).isDirectory()
        await cp(source, join(unfinished, ARTIFACT, whole ? '' : basename(source)), {
          recursive: true,
          verbatimSymlinks: true,
          preserveTimestamps: true,
          // Shares the blocks where the file system can.
          mode: constants.COPYFILE_FICLONE,
        })
      }
      writeFileSync(join(unfinished, LAUNCH), JSON.stringify(launch), { mode: 0o600 })
      await rename(unfinished, join(this.#folder, key))
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true })
      // Somebody else made the same copy meanwhile.
      if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error
    }
  }
}

/** Names, modes, link targets and bytes of a file or folder, in a fixed order. */
async function hashContent(hash: Hash, path: string): Promise<void> {
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
    const names = (await readdir(path)).sort()
    for (const name of names) await hashContent(hash, join(path, name))
  } else if (found.isFile()) {
    const file = await open(path)
    for await (const chunk of file.createReadStream({ autoClose: true })) hash.update(chunk as Buffer)
  }
}
