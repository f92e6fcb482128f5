/**
 * `node --import ./scripts/source-imports.mjs file.ts` runs sources unbuilt: they import `./weight.js`, as the build
 * and TypeScript want it, and what lies there is `weight.ts`.
 */
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!/^\.{1,2}\/.*\.js$/.test(specifier) || !context.parentURL?.endsWith('.ts'))
      return nextResolve(specifier, context)
    try {
      return nextResolve(specifier.replace(/\.js$/, '.ts'), context)
    } catch {
      return nextResolve(specifier, context)
    }
  },
})
