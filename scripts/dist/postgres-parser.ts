import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Files } from './bundle.ts'

const name = 'libpg-query.wasm'
const asItComes = 'scriptDirectory=__dirname+"/"'
const inAModule = 'scriptDirectory=import.meta.dirname+"/"'

/**
 * PostgreSQL's parser is WebAssembly that its JavaScript reads from beside itself, by `__dirname`, which ES modules
 * do not have. ncc neither carries the file along nor mends that: both are done here, and the build fails when a
 * new version of the package looks different.
 */
export const carryPostgresParser = (files: Files): void => {
  const users = [...files].filter(([, content]) => String(content).includes(name))
  for (const [file, content] of users) {
    const code = String(content)
    if (code.split(asItComes).length !== 2)
      throw new Error(`${file}: libpg-query no longer finds its ${name} by ${asItComes}; mend ${import.meta.filename}`)
    files.set(file, code.replace(asItComes, inAModule))
  }
  if (users.length === 0) return
  const require = createRequire(import.meta.url)
  files.set(name, readFileSync(require.resolve(`libpg-query`).replace(/[^/]*$/, name)))
}
