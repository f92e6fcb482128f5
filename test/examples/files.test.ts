import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parse } from 'yaml'
import { listServices, loadConfig } from '../../src/config/load-config.js'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const ACTIONS = ['analyze', 'canary-step', 'deploy', 'migrate', 'rollback', 'smoke-test']

interface Step {
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
}

function isStep(value: unknown): value is Step {
  return typeof value === 'object' && value !== null && 'uses' in value
}

type Validator = ((document: unknown) => boolean) & { readonly errors?: readonly unknown[] | null }

/** What an editor says of a file, by the JSON Schema that the repository holds. */
function schemaErrors(text: string): readonly unknown[] {
  const Ajv = createRequire(import.meta.url)('ajv') as new (options: object) => {
    compile(schema: unknown): Validator
  }
  const validate = new Ajv({ schemaId: 'auto', logger: false }).compile(
    JSON.parse(read('schema/rollout.schema.json')),
  )
  return validate(parse(text)) ? [] : (validate.errors ?? [])
}

describe.each(['examples/rollout.yml', 'demo/shop/rollout.yml'])('%s', (file) => {
  it('is what editors expect', () => {
    expect(schemaErrors(read(file))).toEqual([])
  })

  it('is loaded by every action', async () => {
    const source = { file, text: read(file) }
    expect(await listServices(source)).toEqual(['shop'])
    const config = await loadConfig({ ...source, env: { HOME: '/home/runner' } })
    expect(config.policy.plan.steps.map(({ weight }) => weight)).toEqual([5, 25, 50, 100])
    expect(config.confirm?.version).toEqual({ kind: 'header', name: 'x-version' })
  })
})

describe('examples/rollout.yml', () => {
  const load = (environment: string) =>
    loadConfig({
      file: 'examples/rollout.yml',
      text: read('examples/rollout.yml'),
      environment,
      env: { HOME: '/home/runner' },
    })

  it('needs no secret and no database for a rehearsal', async () => {
    const config = await load('rehearsal')
    expect(config.platform.settings.envFrom).toEqual([])
    expect(config.migrations).toBeUndefined()
    expect(config.policy.plan.steps.map(({ weight }) => weight)).toEqual([25, 100])
  })
})

describe('README.md', () => {
  it.each(['examples/progressive.yml', 'examples/rollout.yml'])('shows %s as it is', (file) => {
    expect(read('README.md')).toContain(`\`\`\`yaml\n${read(file)}\`\`\``)
  })
})

describe.each(ACTIONS)('actions/%s/README.md', (action) => {
  const stepsShown = (): Step[] => {
    const fences = [...read(`actions/${action}/README.md`).matchAll(/```yaml\n(.*?)```/gs)].map(
      ([, text]) => text ?? '',
    )
    return fences.flatMap((text) => parse(text) as unknown).filter((one): one is Step => isStep(one))
  }

  it('shows how the action is used', () => {
    expect(stepsShown().map(({ uses }) => uses)).toContain(`OWNER/tuesday/actions/${action}@v1`)
  })

  it('gives every action that it shows what it takes, and what it cannot do without', () => {
    for (const { uses = '', with: given = {} } of stepsShown()) {
      const [, name] = /^OWNER\/tuesday\/actions\/(.*)@v1$/.exec(uses) ?? []
      if (name === undefined) continue
      const { inputs } = parse(read(`actions/${name}/action.yml`)) as {
        inputs: Record<string, { required?: boolean }>
      }
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)))
      const required = Object.keys(inputs).filter((key) => inputs[key]?.required === true)
      expect(Object.keys(given)).toEqual(expect.arrayContaining(required))
    }
  })
})
