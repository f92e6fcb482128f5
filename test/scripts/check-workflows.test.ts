import { cpSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { problemsOfWorkflows } from '../../scripts/workflows/problems.ts'
import { workflowFiles } from '../../scripts/workflows/workflow-files.ts'

const workflow = (job: string[]): string =>
  [
    'name: release',
    'on: { push: { branches: [main] } }',
    'permissions: { contents: read }',
    'jobs:',
    '  canary:',
    '    runs-on: ubuntu-latest',
    ...job.map((line) => `    ${line}`),
    '',
  ].join('\n')

describe('the check of workflow files', () => {
  let root = ''
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'tuesday-workflows-'))
    cpSync('actions', join(root, 'actions'), { recursive: true })
    cpSync('action.yml', join(root, 'action.yml'))
    mkdirSync(join(root, 'examples'))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  const problemsOf = (source: string): Promise<string[]> => {
    writeFileSync(join(root, 'examples/release.yml'), source)
    return problemsOfWorkflows(root, workflowFiles(root))
  }
  const step = (uses: string, inputs: string): Promise<string[]> =>
    problemsOf(workflow(['steps:', `  - uses: ${uses}`, `    with: ${inputs}`]))

  it('passes what GitHub knows and actionlint does not yet (trap 49)', async () => {
    const job = [
      'environment: { name: production, deployment: false }',
      'concurrency: { group: a, queue: max }',
    ]
    await expect(problemsOf(workflow([...job, 'steps: [{ run: echo approved }]']))).resolves.toEqual([])
  })

  it('checks the values of those two by the schema of GitHub', async () => {
    const job = ['environment: { name: production, deployment: perhaps }', 'steps: [{ run: echo approved }]']
    const problems = await problemsOf(workflow(job))
    expect(problems.join('\n')).toContain('perhaps')
  })

  it('finds a key that nobody knows', async () => {
    const problems = await problemsOf(
      workflow(['environment: { name: a, deploymnt: false }', 'steps: [{ run: a }]']),
    )
    expect(problems.join('\n')).toContain('deploymnt')
  })

  it('finds an input that our action does not have, of which GitHub would only warn', async () => {
    const problems = await step('OWNER/tuesday/actions/canary-step@v1', '{ weight: 5, holds: 5m }')
    expect(problems).toEqual([expect.stringContaining('has no input `holds`')])
  })

  it('finds that a required input is missing', async () => {
    await expect(step('./actions/canary-step', '{ hold: 5m }')).resolves.toEqual([
      expect.stringContaining('needs the input `weight`'),
    ])
    await expect(step('OWNER/tuesday@v1', '{ image: a }')).resolves.toEqual([
      expect.stringContaining('needs the input `version`'),
    ])
  })

  it('finds an action that does not exist', async () => {
    await expect(step('OWNER/tuesday/actions/canary@v1', '{ weight: 5 }')).resolves.toEqual([
      expect.stringContaining('there is no action'),
    ])
  })

  it('takes a rollout.yml beside the workflow for what it is', () => {
    writeFileSync(join(root, 'examples/rollout.yml'), 'service: shop\n')
    expect(workflowFiles(root)).toEqual(['examples/release.yml'])
  })
})
