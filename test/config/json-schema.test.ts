import { existsSync, readFileSync, globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { emitJsonSchema, SCHEMA_FILE } from '../../src/config/emit/json-schema.js'
import { keyRows, keyTable } from '../../src/config/emit/key-table.js'
import { LEAST, load, refusal } from './given.js'

const root = join(import.meta.dirname, '../..')

interface Validator {
  (document: unknown): boolean
  readonly errors?: readonly unknown[] | null
}

/** A validator that is not ours, as editors have one. */
function validator(): Validator {
  const Ajv = createRequire(import.meta.url)('ajv') as new (options: object) => {
    compile(schema: unknown): Validator
  }
  return new Ajv({ schemaId: 'auto', logger: false }).compile(JSON.parse(emitJsonSchema()))
}

const accepts = validator()

const GOOD = [
  LEAST,
  `${LEAST}analysis: false\nmigrations: false\nplan: [{ weight: 0 }, { weight: "5%", hold: 0 }, { weight: 100 }]\n`,
  `${LEAST}analysis: { metrics: [errors, latency-p99.9, { name: errors-2, kind: share, limit: 5% }], interval: 250ms }\n`,
  `${LEAST}analysis: { source: { prometheus: { url: "\${PROMETHEUS_URL}", preset: traefik } }, metrics: [errors, { name: latency-p99, limit: 800ms, weight: 2 }] }\n`,
  `${LEAST}analysis: { sources: { a: { graphite: { url: "http://g" } } }, metrics: { errors: { requests: "r.{{slot}}", bad: ["a.{{slot}}", "b.{{slot}}"] }, q: { query: x, limit: 5 } } }\n`,
  `${LEAST}smoke: [smoke/*.yml, { path: /, status: [200, 204], json: { $.a: null }, body: { a: 1 } }]\n`,
  'services: { web: , api: { environments: { staging: } } }\nplatform: { local: { command: [node, x.js] } }\n',
]

const BAD = [
  'platform: { local: { command: x } }',
  `${LEAST}unknown: 1`,
  `${LEAST}strategy: cannary`,
  `${LEAST}plan: []`,
  `${LEAST}plan: [{ hold: 5m }]`,
  `${LEAST}plan: [{ weight: 101 }]`,
  `${LEAST}plan: [{ weight: 5abc }]`,
  `${LEAST}timing: { drain: 30 }`,
  `${LEAST}timing: { park: 1 day }`,
  `${LEAST}smoke: [{ path: health }]`,
  `${LEAST}analysis: { metrics: [eror] }`,
  `${LEAST}analysis: true`,
  `${LEAST}analysis: { source: { prometeus: {} } }`,
  `${LEAST}analysis: { source: { prometheus: { url: "http://p", bearer: token } } }`,
  `${LEAST}analysis: { metrics: {} }`,
  `${LEAST}analysis: { metrics: { errors: { requsts: x } } }`,
  `${LEAST}confirm: { url: shop.example.com, header: x }`,
  `${LEAST}environments: { "a b": {} }`,
  `${LEAST}environments: { a: { plan: [{ wait: 5m, weight: 100 }] } }`,
  'service: shop\nplatform: { kubernetes: {} }',
]

describe('the JSON Schema', () => {
  it('in the repository is the one that the loader checks by', () => {
    expect(readFileSync(join(root, SCHEMA_FILE), 'utf8')).toBe(emitJsonSchema())
  })

  it('describes every key', () => {
    const undescribed = keyRows().filter((row) => row.description === '' || row.allowed === '')
    expect(undescribed).toEqual([])
  })

  it.each(GOOD)('accepts what the loader accepts: %j', async (text) => {
    expect(accepts(parse(text)) ? [] : accepts.errors).toEqual([])
    expect(await refusal(text, { service: text.startsWith('services') ? 'web' : undefined })).toEqual([])
  })

  it.each(BAD)('refuses what the loader refuses: %j', async (text) => {
    expect(accepts(parse(text))).toBe(false)
    expect(await refusal(text)).not.toEqual([])
  })

  const examples = globSync('{examples,demo,test,.github}/**/rollout*.yml', { cwd: root }).filter(
    (file) => !file.includes('node_modules'),
  )
  it(`accepts every rollout.yml of the repository (${examples.length}), and so does the loader`, async () => {
    for (const file of examples) {
      const text = readFileSync(join(root, file), 'utf8')
      expect([file, accepts(parse(text)), accepts.errors]).toEqual([file, true, null])
      expect([file, await refusal(text)]).toEqual([file, []])
    }
  })
})

describe('the documentation of the keys', () => {
  it('shows the tables of today', () => {
    const page = join(root, 'docs/configuration.md')
    expect(existsSync(page) && readFileSync(page, 'utf8').includes(keyTable())).toBe(true)
  })

  it('states defaults that are those of a file which leaves the key out', async () => {
    const stated = keyRows().filter(
      ({ byDefault, key }) => byDefault !== '' && !key.includes('[]') && !key.startsWith('analysis.source.'),
    )
    expect(stated.length).toBeGreaterThan(30)
    for (const { key, byDefault } of stated) {
      const path = key.split('.')
      const without = { ...base(path), confirm: { header: 'x-version' } }
      const [left, said] = await Promise.all([
        load(JSON.stringify(withValue(without, path.slice(0, -1), undefined))),
        load(JSON.stringify(withValue(without, path, parse(byDefault.replaceAll('`', ''))))),
      ])
      expect({ key, config: JSON.parse(JSON.stringify(said)) }).toEqual({
        key,
        config: JSON.parse(JSON.stringify(left)),
      })
    }
  })
})

function base(path: readonly string[]): Record<string, unknown> {
  const liveness = path.includes('liveness') ? { liveness: {} } : {}
  return { service: 'shop', platform: { local: { command: 'node server.js', ...liveness } } }
}

/** A copy with a value at a path; without a value, with the maps that lead there. */
function withValue(document: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path
  const map = typeof document === 'object' && document !== null ? document : {}
  if (key === undefined) return value ?? map
  return { ...map, [key]: withValue((map as Record<string, unknown>)[key], rest, value) }
}
