/**
 * Lets plain Node import the JSON schemas of `@actions/workflow-parser`.
 *
 * The package writes `import schema from './workflow-v1.0.min.json'` without `with { type: 'json' }`, which
 * Node refuses. The hook answers such an import of that package alone; everything else is Node's own business.
 * Under jest it does nothing: jest resolves modules itself and knows JSON.
 */
import * as module from 'node:module'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const schemaOfTheParser = /\/@actions\/workflow-parser\/.*\.json$/

if (process.env['JEST_WORKER_ID'] === undefined && typeof module.registerHooks === 'function') {
  module.registerHooks({
    load(url, context, nextLoad) {
      if (!schemaOfTheParser.test(url)) return nextLoad(url, context)
      const source = `export default ${readFileSync(fileURLToPath(url), 'utf8')}`
      return { format: 'module', shortCircuit: true, source }
    },
  })
}
