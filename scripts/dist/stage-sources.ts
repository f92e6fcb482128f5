import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * Copies every TypeScript source below `from` to `to` as JavaScript, by Node's own type stripping: what is bundled
 * is what the tests ran. The bundler then needs no TypeScript of its own.
 */
export const stageSources = (from: string, to: string): void => {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue
    const source = join(entry.parentPath, entry.name)
    const target = join(to, source.slice(from.length).replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, stripTypeScriptTypes(readFileSync(source, 'utf8')))
  }
}
