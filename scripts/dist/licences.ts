import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type LockedPackage = {
  readonly name?: string
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly optional?: boolean
  readonly link?: boolean
}

/** The text of the licence that a package carries, or a line that says where its word stands. */
const textOf = (folder: string, licence: string): string => {
  const file = readdirSync(folder).find((name) => /^(un)?licen[cs]e(\.(md|txt))?$/i.test(name))
  return file === undefined
    ? `(the package carries no licence text; its package.json says ${licence})`
    : readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()
}

/**
 * The licences of everything that can be in the bundle: all packages of package-lock.json that are not for
 * development and not the packaged Node. ncc's own list leaves out what it concatenates, which is most of it.
 */
export const licences = (root: string): string => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>
  }
  const texts = new Map<string, string>()
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (!path.includes('node_modules/') || entry.dev || entry.devOptional || entry.optional || entry.link) continue
    const name = entry.name ?? path.replace(/^.*node_modules\//, '')
    if (entry.license === undefined) throw new Error(`${name} states no licence: it cannot be shipped`)
    const title = `${name} ${entry.version} (${entry.license})`
    texts.set(title, `${title}\n\n${textOf(join(root, path), entry.license)}\n`)
  }
  const sorted = [...texts].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([, text]) => text).join(`\n${'-'.repeat(80)}\n\n`)
}
