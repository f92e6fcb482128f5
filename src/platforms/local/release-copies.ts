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
import { cp, rename } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Release } from '../../rollout/release.js'
import { launchFrom, type LaunchSpec } from './launch.js'
import { contentOf, keyOf } from './release-content.js'
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
    const content = source === undefined ? undefined : await contentOf(source)
    const key = keyOf(release, lasting, content)
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
