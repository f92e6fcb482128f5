import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Every byte of dist/ that can be loaded after `uses:`: chunks and WebAssembly too, licences apart. */
export const distBytes = (root: string): number =>
  readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, entry: statSync(join(root, 'dist', name)) }))
    .filter(({ name, entry }) => entry.isFile() && name !== 'licences.txt')
    .reduce((sum, { entry }) => sum + entry.size, 0)
