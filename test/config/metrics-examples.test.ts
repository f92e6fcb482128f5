import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { openMetrics } from '../../src/actions/wiring-metrics.js'
import type { Config } from '../../src/config/config.js'
import type { RemoteSource } from '../../src/config/sources/source-config.js'
import { filledFor } from '../../src/metrics/prometheus/filled-query.js'
import { promqlOf } from '../../src/metrics/prometheus/metric-settings.js'
import { fillAddress, windowValues } from '../../src/metrics/web/fill-address.js'
import { questionOf } from '../../src/metrics/web/web-question.js'
import type { LOCAL_PLACEHOLDERS } from '../../src/platforms/local/settings.js'
import type { MetricQuery, MetricSource } from '../../src/rollout/ports/metric-source.js'
import { VirtualClock } from '../memory/virtual-clock.js'
import { LEAST, load } from './given.js'

const root = join(import.meta.dirname, '../..')

/** Whatever the examples take from the environment. */
const env = {
  HOME: '/home/runner',
  ...Object.fromEntries(
    ['GRAPHITE_URL', 'INFLUX_URL', 'PROMETHEUS_URL'].map((name) => [name, 'http://127.0.0.1:1']),
  ),
  ...Object.fromEntries(
    [
      'AWS_ACCESS_KEY_ID',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'DD_API_KEY',
      'DD_APP_KEY',
      'GRAPHITE_TOKEN',
      'INFLUX_PASSWORD',
      'INFLUX_TOKEN',
      'NEW_RELIC_API_KEY',
      'PROMETHEUS_TOKEN',
      'STATS_TOKEN',
    ].map((name) => [name, 'eu-central-1']),
  ),
}

/** What the platform says of a slot. */
const GREEN: Record<(typeof LOCAL_PLACEHOLDERS)[number], string> = { slot: 'green', environment: 'default' }
const WINDOW = { fromMs: Date.UTC(2026, 0, 6, 11), toMs: Date.UTC(2026, 0, 6, 11, 1) }

/** What a page shows as a part of rollout.yml; what is for Prometheus itself says so. */
function examplesOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  if (file.endsWith('.yml')) return [text]
  const examples = [...text.matchAll(/```yaml\n([^`]+)```/g)].map(([, example = '']) => example)
  return examples.filter((example) => !example.startsWith('# prometheus.yml')).map((part) => LEAST + part)
}

/** Each query with its placeholders filled in by the source that would send it. */
async function fill(config: Config, source: RemoteSource): Promise<void> {
  const { queries } = await source.read(() => undefined)
  const side = { ...GREEN, ...source.roles?.candidate }
  const metrics = (config.policy.analysis?.queries ?? []).filter(({ name }) => source.metrics.includes(name))
  for (const { name, kind } of metrics) {
    const metric = { name, kind, settings: queries[name] ?? {} }
    const values = { service: config.service, ...side }
    if (source.kind === 'prometheus') {
      const { values: more } = (await source.read(() => undefined)).settings as {
        values?: Record<string, string>
      }
      const filled = filledFor(promqlOf(metric), { ...values, ...more }, '1m')
      expect(JSON.stringify(filled)).not.toContain('{{')
    } else if (source.kind === 'web') {
      const { path } = questionOf(metric, values)
      expect(fillAddress(path, { ...values, ...windowValues(WINDOW) })).not.toContain('{{')
    } else await askOfNoTime(config, metric, side)
  }
}

/** A window of no time is answered without asking, when its queries have been filled in. */
async function askOfNoTime(
  config: Config,
  metric: MetricQuery,
  candidate: Record<string, string>,
): Promise<void> {
  const local: MetricSource = {
    name: 'local',
    lagMs: 0,
    counts: () => Promise.reject(new Error('not asked')),
  }
  const clock = new VirtualClock(WINDOW.toMs)
  const context = {
    clock,
    signal: new AbortController().signal,
    service: config.service,
    warn: () => undefined,
  }
  const source = await openMetrics(config.metrics ?? [], { local, context, onSecret: () => undefined })
  const noTime = { fromMs: WINDOW.fromMs, toMs: WINDOW.fromMs }
  expect(await source.counts(metric, { stable: undefined, candidate }, noTime)).toEqual({
    kind: 'samples',
    stable: undefined,
    candidate: undefined,
  })
}

describe.each([
  ['docs/metrics.md', 3],
  ['docs/metric-sources.md', 6],
  ['docs/prometheus.md', 2],
  ['examples/rollout-prometheus.yml', 1],
] as const)('the examples of %s', (file, count) => {
  it('are read as they stand, and their placeholders are filled in', async () => {
    const examples = examplesOf(file)
    expect(examples).toHaveLength(count)
    for (const example of examples) {
      const config = await load(example, { env })
      expect(config.policy.analysis?.queries.length).toBeGreaterThan(0)
      for (const source of config.metrics ?? []) if (source.kind !== 'local') await fill(config, source)
    }
  })
})

describe('the example of a rehearsal', () => {
  it('is counted by the local router, whatever production is counted by', async () => {
    const text = readFileSync(join(root, 'examples/rollout-prometheus.yml'), 'utf8')
    const { metrics } = await load(text, { env, environment: 'rehearsal' })
    expect(metrics).toEqual([{ name: 'local', kind: 'local', metrics: ['errors', 'latency-p95'] }])
  })
})
