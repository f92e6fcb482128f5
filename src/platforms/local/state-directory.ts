import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { UserError } from '../../rollout/user-error.js'

/**
 * Longest path of a socket that both systems take: `sun_path` holds 108 bytes on Linux and 104 on macOS, the closing
 * zero included, and a longer one is cut in silence by some.
 */
const SOCKET_PATH_LIMIT = 100
const SOCKET_NAME = /^control\.\d+\.sock$/
/** Process ids have seven digits at most (Linux; macOS five). */
const LONGEST_SOCKET_NAME = 'control.4194304.sock'

/** Paths inside the state directory of one service in one environment. */
export class StateDirectory {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Creates it for this user alone, or sees that it is so. */
  prepare(): void {
    preparePrivate(this.path)
  }

  get releases(): string {
    return join(this.path, 'releases')
  }

  get logs(): string {
    return join(this.path, 'logs')
  }

  get supervisorLog(): string {
    return join(this.path, 'supervisor.log')
  }

  get desiredState(): string {
    return join(this.path, 'desired.json')
  }

  get processes(): string {
    return join(this.path, 'processes.json')
  }

  /** Where the supervisor writes the path of its socket down: steps read it there and never work it out. */
  get #socketRecord(): string {
    return join(this.path, 'control-socket')
  }

  /**
   * The recorded path of the control socket; undefined if no supervisor ever ran, or if the folder that it is in is not
   * ours alone (any more). A short one under /tmp goes when the supervisor ends or the machine is started again; whoever
   * makes it then would be told the values of this step's variables.
   */
  recordedSocket(): string | undefined {
    try {
      const socket = readFileSync(this.#socketRecord, 'utf8').trim()
      return socket !== '' && isPrivate(dirname(socket)) ? socket : undefined
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /**
   * The path that a supervisor binds, recorded for the steps. Where the state directory's own path is too long
   * for a socket, a short one under /tmp (not TMPDIR, which differs from step to step) in a folder of this user. Each
   * supervisor has its own: one that ends removes the file of that name, whoever has made it.
   */
  prepareSocket(): string {
    const folder = this.prepareSocketFolder()
    for (const name of readdirSync(folder)) if (SOCKET_NAME.test(name)) rmSync(join(folder, name))
    const socket = join(folder, `control.${process.pid}.sock`)
    writeWhole(this.#socketRecord, `${socket}\n`)
    return socket
  }

  /** @throws UserError if somebody else has made it. */
  prepareSocketFolder(): string {
    const folder = this.#socketFolder
    if (folder !== this.path) preparePrivate(folder)
    return folder
  }

  /** Leaves /tmp as it was, when the socket is gone; not if another supervisor has put its own there. */
  removeSocketFolder(): void {
    const folder = this.#socketFolder
    if (folder === this.path) return
    try {
      rmdirSync(folder)
    } catch (error) {
      if (!isMissing(error) && errorCode(error) !== 'ENOTEMPTY') throw error
    }
  }

  get #socketFolder(): string {
    if (Buffer.byteLength(join(this.path, LONGEST_SOCKET_NAME)) <= SOCKET_PATH_LIMIT) return this.path
    const { createHash } = process.getBuiltinModule('node:crypto')
    const hash = createHash('sha256').update(this.path).digest('hex').slice(0, 16)
    return `/tmp/tuesday-${process.getuid?.() ?? 0}-${hash}`
  }
}

/** Whether a system call failed because there is no such file. */
export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT'
}

/** The system's code of an error (`ENOENT`, `EEXIST`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Replaces a file in one step: readers see the old text or the new one, never a part. */
export function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.new`
  writeFileSync(unfinished, text, { mode: 0o600 })
  renameSync(unfinished, path)
}

/** Whether it is a folder, and no link to one, that belongs to this user and that nobody else may enter. */
function isPrivate(path: string): boolean {
  const found = lstatSync(path)
  const uid = process.getuid?.()
  return found.isDirectory() && (uid === undefined || (found.uid === uid && (found.mode & 0o077) === 0))
}

/** A folder that nobody else may enter, even if somebody else made one of that name first. */
function preparePrivate(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const found = lstatSync(path)
  const uid = process.getuid?.()
  if (!found.isDirectory() || (uid !== undefined && found.uid !== uid)) {
    throw new UserError(`directory: ${path} belongs to somebody else (user ${found.uid})`, {
      hint: 'The state of a local service is kept where only its user may write: name another directory in platform.local.directory.',
    })
  }
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o700)
}
