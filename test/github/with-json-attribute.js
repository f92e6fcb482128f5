/**
 * jest's counterpart of json-imports.ts: `@actions/workflow-parser` imports its schemas without
 * `with { type: 'json' }`, which jest deprecates.
 *
 * @type {import('@jest/transform').SyncTransformer}
 */
export default {
  process: (source) => ({ code: source.replace(/(from "[^"]+\.json");/, "$1 with { type: 'json' };") }),
}
