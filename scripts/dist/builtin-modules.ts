import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import type { Files } from './bundle.ts'

/** How ncc imports one of Node's own modules: by a `require` that it makes anew for each. */
const external = /__WEBPACK_EXTERNAL_createRequire\(import\.meta\.url\)\("([^"]+)"\)/g
const declaration = /^import \{ createRequire as __WEBPACK_EXTERNAL_createRequire \} from "module";\n/m

/** Loaded by Node itself before the step begins, or a class that others extend: nothing to gain, or not possible. */
const atOnce = new Set([
  'async_hooks',
  'buffer',
  'diagnostics_channel',
  'events',
  'module',
  'os',
  'path',
  'process',
  'stream',
  'string_decoder',
  'timers',
  'url',
  'util',
])

/** It stands inside the bundled file, so it exports nothing there. */
const onFirstUse = readFileSync(join(import.meta.dirname, 'on-first-use.js'), 'utf8').replace('export const', 'const')

const instead = (name: string): string => {
  if (!isBuiltin(name)) throw new Error(`${name} is neither bundled nor a module of Node's own`)
  const load = atOnce.has(name.replace(/^node:/, '')) ? 'process.getBuiltinModule' : 'lazily'
  return `${load}(${JSON.stringify(name)})`
}

/** Makes every module of Node's own load when it is first used, and without a `require`. */
export const loadBuiltinsOnFirstUse = (files: Files): void => {
  for (const [file, content] of files) {
    if (!file.endsWith('.js')) continue
    const code = String(content)
      .replace(external, (_, name: string) => instead(name))
      .replace(declaration, '')
    if (code.includes('__WEBPACK_EXTERNAL_createRequire'))
      throw new Error(`${file}: ncc imports Node's own modules in another way now; mend ${import.meta.filename}`)
    files.set(file, code.includes(' lazily("') ? `${onFirstUse}${code}` : code)
  }
}
