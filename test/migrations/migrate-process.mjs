/** `migrate` in a process of its own, straight from the sources: `node migrate-process.mjs <options as JSON>`. */
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

registerHooks({
  resolve(specifier, context, next) {
    const url = specifier.startsWith('.')
      ? new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL)
      : undefined
    return next(url !== undefined && existsSync(fileURLToPath(url)) ? url.href : specifier, context)
  },
})

const { migrate } = await import('../../src/migrations/migrate.js')
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
await migrate({
  ...JSON.parse(process.argv[2] ?? '{}'),
  narrate: (line) => console.log(line),
  signal: new AbortController().signal,
  clock: { monotonicMs: () => performance.now(), sleep },
})
