import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

const WHAT_TO_DO =
  'install it (apt-get install prometheus, or https://prometheus.io/download/), or name its program in PROMETHEUS_BINARY'

/**
 * The program `prometheus`: the one in PROMETHEUS_BINARY, in PATH, or in the user's cache, where Debian's package is unpacked if
 * there is none: nothing is installed on the machine, and no service is started.
 *
 * @throws an Error that says what to do if there is none to be had.
 */
export function prometheusBinary(): string {
  const named = process.env['PROMETHEUS_BINARY']
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named
    throw new Error(`PROMETHEUS_BINARY names ${named}, which is not there`)
  }
  const installed = (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, 'prometheus'))
  const cached = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tuesday', 'prometheus')
  const program = join(cached, 'usr', 'bin', 'prometheus')
  const found = [...installed, program].find((path) => existsSync(path))
  if (found !== undefined) return found
  unpack(cached, program)
  return program
}

/** Whole or not at all: it is unpacked beside its place. Another worker may have been quicker. */
function unpack(cached: string, program: string): void {
  mkdirSync(dirname(cached), { recursive: true })
  const folder = mkdtempSync(`${cached}-`)
  try {
    execFileSync('apt-get', ['download', 'prometheus'], { cwd: folder, stdio: 'pipe' })
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'))
    if (archive === undefined) throw new Error('apt-get brought no package')
    execFileSync('dpkg-deb', ['-x', join(folder, archive), join(folder, 'unpacked')], { stdio: 'pipe' })
    renameSync(join(folder, 'unpacked'), cached)
  } catch (cause) {
    if (existsSync(program)) return
    throw new Error(`there is no prometheus, and Debian's package could not be fetched: ${WHAT_TO_DO}`, {
      cause,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
