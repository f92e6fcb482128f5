/**
 * Installs the dependencies when they are missing or are not those of package-lock.json, and says nothing when
 * there is nothing to do. Runs before anything is installed: plain JavaScript, any Node from 20 on, no imports but
 * Node's own.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const readLock = (path) => {
  try {
    return JSON.parse(readFileSync(`${root}${path}`, 'utf8')).packages
  } catch {
    return undefined
  }
}

const allows = (list, value) =>
  list === undefined ||
  ((list.includes(value) || !list.some((entry) => !entry.startsWith('!'))) && !list.includes(`!${value}`))

/** musl and glibc variants of one optional package cannot both be there: what is bound to one is not asked for. */
const belongsHere = (entry) =>
  entry.libc === undefined && allows(entry.os, process.platform) && allows(entry.cpu, process.arch)

/** Why an installation is needed, in words for the terminal; undefined when it is not. */
const reasonToInstall = () => {
  const wanted = readLock('package-lock.json')
  if (wanted === undefined)
    throw new Error('package-lock.json is missing or unreadable: check the repository out again')
  const installed = readLock('node_modules/.package-lock.json')
  if (installed === undefined) return 'nothing is installed yet'
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || !path.includes('node_modules/')) continue
    const found = installed[path]
    if (found === undefined ? !entry.optional && belongsHere(entry) : found.version !== entry.version)
      return `${path.replace(/^.*node_modules\//, '')} is not installed as package-lock.json has it`
    if (found !== undefined && !existsSync(`${root}${path}`)) return `${path} is gone`
  }
  return existsSync(`${root}node_modules/.bin/node`) ? undefined : "the actions' own Node 24 is not installed"
}

const reason = reasonToInstall()
if (reason !== undefined) {
  process.stderr.write(`Installing dependencies (${reason}) …\n`)
  const npm = process.env.npm_execpath
  const [command, ...prefix] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm']
  const { status } = spawnSync(command, [...prefix, 'ci', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) {
    process.stderr.write('npm ci failed, see above. Mend that, or run `npm ci` by hand, and try again.\n')
    process.exit(1)
  }
  if (!existsSync(`${root}node_modules/.bin/node`)) {
    process.stderr.write(
      `There is no packaged Node 24 for ${process.platform}-${process.arch}. ` +
        'Supported: linux and darwin, x64 and arm64.\n',
    )
    process.exit(1)
  }
}
