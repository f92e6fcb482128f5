/**
 * Who may import whom. `actions → workflow, config, rollout → ports ← platforms, routers, metrics`: the core knows
 * no adapter, no vendor and no GitHub, and one file wires a config to its adapters by dynamic import, so that a step
 * loads only what it uses.
 */

/** A rule for the files below one folder. Paths are from the repository's root. */
export interface Room {
  readonly folder: string
  /** What may be imported, as prefixes of paths or names of packages; its own folder always. */
  readonly values: readonly string[]
  /** May be imported beyond that by `import type`, which is gone when it runs. */
  readonly types?: readonly string[]
  /** May be loaded by `import()` beyond that. */
  readonly lazily?: readonly string[]
  /** Globals that must not be touched. */
  readonly globals?: readonly string[]
}

/** The words of the core, that every adapter speaks. */
const vocabulary = [
  'src/rollout/ports/',
  'src/rollout/place.ts',
  'src/rollout/release.ts',
  'src/rollout/user-error.ts',
  'src/rollout/weight.ts',
]

/**
 * Shape and defaults of an adapter's part of rollout.yml: plain data that imports nothing, so that the schema and the
 * adapter cannot say two things.
 */
const settings = ['src/platforms/local/settings.ts']

/** What the sources of metrics share: the HTTP client, what they are given of the world, how queries are filled in and counts made of answers. */
const sharedBySources = [
  'src/metrics/http/',
  'src/metrics/source-context.ts',
  'src/metrics/placeholders.ts',
  'src/metrics/point-spacing.ts',
  'src/metrics/counting/',
  'src/metrics/several/',
  'src/smoke/json-path.ts',
  'src/smoke/harmless-text.ts',
]

/** What of a query can be told without asking anybody: it is refused when the file is read. */
const readFromQueries = [
  'src/metrics/placeholders.ts',
  'src/metrics/prometheus/place-in-promql.ts',
  'src/metrics/prometheus/selector-faults.ts',
  'src/metrics/web/window-in-path.ts',
]

/** The core has a Clock port and is handed everything else: nothing of this may be reached past it. */
const outsideOfTheCore = [
  'process.*',
  'Date.now',
  'new Date',
  'performance.*',
  'Math.random',
  'console.*',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
]

/** First match wins, so the narrower folder stands above the wider one. */
export const house: readonly Room[] = [
  ...settings.map((folder) => ({ folder, values: [] })),
  { folder: 'src/rollout/', values: ['node:crypto'], globals: outsideOfTheCore },
  {
    folder: 'src/analysis/',
    values: ['src/rollout/evidence/histogram.ts', 'src/rollout/ports/default-tolerance.ts'],
    types: ['src/rollout/'],
    globals: outsideOfTheCore,
  },
  {
    folder: 'src/config/emit/',
    values: ['src/config/', 'src/rollout/', 'valibot', '@valibot/to-json-schema'],
  },
  {
    folder: 'src/config/',
    values: [
      'src/rollout/',
      ...settings,
      'src/platforms/local/split-command.ts',
      'src/metrics/presets/',
      ...readFromQueries,
      'node:',
      'yaml',
      'valibot',
    ],
    types: ['src/smoke/smoke-check.ts', 'src/metrics/'],
  },
  {
    folder: 'src/replay/',
    values: [
      'src/analysis/',
      'src/rollout/',
      'src/config/value-formats.ts',
      'src/config/problem.ts',
      'node:',
      'valibot',
    ],
  },
  {
    folder: 'src/workflow/',
    values: ['src/rollout/', 'node:', '@actions/core'],
    types: ['@actions/github'],
    lazily: ['@actions/github'],
  },
  {
    folder: 'src/platforms/local/local.ts', // the embedded platform brings its own router and metrics
    values: [...vocabulary, 'node:', 'src/platforms/local/', 'src/routers/local.ts', 'src/metrics/local.ts'],
  },
  { folder: 'src/platforms/', values: [...vocabulary, 'node:', '@actions/exec'] },
  { folder: 'src/routers/', values: [...vocabulary, 'node:'] },
  {
    folder: 'src/metrics/http/',
    values: [...vocabulary, 'node:', 'src/metrics/source-context.ts', 'src/smoke/harmless-text.ts'],
  },
  {
    folder: 'src/metrics/cloudwatch/',
    values: [...vocabulary, 'node:', ...sharedBySources],
    lazily: ['aws4fetch'],
  },
  { folder: 'src/metrics/', values: [...vocabulary, 'node:', ...sharedBySources] },
  { folder: 'src/smoke/', values: [...vocabulary, 'node:', 'jsonpath-rfc9535'] },
  { folder: 'src/witness/', values: [...vocabulary, 'node:', 'jsonpath-rfc9535'] },
  { folder: 'src/migrations/', values: [...vocabulary, 'node:', 'postgres', 'libpg-query'] },
  {
    folder: 'src/actions/wiring',
    values: ['src/actions/', 'src/workflow/', 'src/config/', 'src/rollout/', 'src/analysis/', 'node:'],
    types: ['src/'],
    lazily: ['src/'],
  },
  {
    folder: 'src/actions/',
    values: ['src/workflow/', 'src/config/', 'src/rollout/', 'node:', '@actions/core'],
    types: ['src/'],
    lazily: ['src/workflow/', 'src/smoke/', 'src/migrations/', 'src/witness/'],
  },
]

/** Each adapter stands alone: what lies below these is one room for each folder in it. */
export const aRoomForEach = ['src/platforms/', 'src/routers/', 'src/metrics/'] as const

/** Measuring what is shipped: these run dist/ or talk to a port, and must know nothing of the sources. */
export const strangersToTheSources = ['test/github/', 'test/load/', 'test/sample-service/'] as const
