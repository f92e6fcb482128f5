import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'

/** A user and group to run as; empty: as we are. */
export type Owner = { uid: number; gid: number } | Record<string, never>

/** `nobody` if we are root, whom PostgreSQL refuses ("cannot be run as root"); else we ourselves. */
export function unprivileged(): Owner {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** Whether any user can reach this path: root's own folder, for one, is closed to others. */
export function reachableByAll(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false
  const parent = dirname(path)
  return parent === path || reachableByAll(parent)
}

/** Where temporary folders go that another user must reach. */
export function temporaryFolderFor(owner: Owner): string {
  return 'uid' in owner && !reachableByAll(tmpdir()) ? '/tmp' : tmpdir()
}
