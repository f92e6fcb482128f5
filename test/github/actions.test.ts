import { afterAll, describe, expect, it } from '@jest/globals'
import { job, removeRepositories, run, step } from './a-repository.ts'

afterAll(removeRepositories)

function oneJob(steps: string, more = ''): string {
  const indented = steps
    .trim()
    .split('\n')
    .map((line) => `      ${line}`)
  return `jobs:\n  one:\n    runs-on: ubuntu-latest\n${more}    steps:\n      - uses: actions/checkout@v5\n${indented.join('\n')}\n`
}

describe('a JavaScript action', () => {
  it('gets inputs and defaults as GitHub names them, on Node 24, in the workspace', async () => {
    const result = await run(
      oneJob(`
- id: record
  uses: ./actions/record
  with: { Greeting: hi, unknown: x }
`),
    )
    expect(step(result, 'one', 'record').log).toContain(
      'main greeting=hi status=success hyphen=-\nmain node=24 cwd=true\nmain token=***\n',
    )
    expect(step(result, 'one', 'record').annotations[0]?.message).toContain("Unexpected input(s) 'unknown'")
    expect(step(result, 'one', 'record').outputs).toEqual({ greeting: 'hi' })
  })

  it('runs its post steps last, in reverse order, with the state it saved and its inputs evaluated again', async () => {
    const result = await run(
      oneJob(`
- { id: first, uses: ./actions/record, with: { greeting: first } }
- { id: second, uses: acme/tools/actions/record@v1, with: { greeting: second } }
- run: exit 1
`),
    )
    const posts = job(result, 'one').steps.filter((one) => one.stage === 'post')
    expect(posts.map((one) => one.log)).toEqual([
      'post greeting=second status=failure seen=second\n',
      'post greeting=first status=failure seen=first\n',
    ])
  })

  it('has no post step if its main was not started, and one if its main has failed', async () => {
    const result = await run(
      oneJob(`
- { id: bad, uses: ./actions/record, with: { fail: main } }
- { id: never, uses: ./actions/record }
`),
    )
    const posts = job(result, 'one').steps.filter((one) => one.stage === 'post')
    expect(posts.map((one) => one.id)).toEqual(['bad'])
  })

  it('can make the job fail by its post step', async () => {
    const result = await run(oneJob(`- { id: late, uses: ./actions/record, with: { fail: post } }`))
    expect(step(result, 'one', 'late').conclusion).toBe('success')
    expect(job(result, 'one').result).toBe('failure')
  })

  it('obeys post-if, and runs pre before any step, but for local actions', async () => {
    const good = await run(
      oneJob(`
- { id: remote, uses: acme/tools/actions/pre@v1 }
- { id: local, uses: ./actions/pre }
`),
    )
    const stages = job(good, 'one').steps.map((one) => `${one.id} ${one.stage} ${one.outcome}`)
    expect(stages).toEqual([
      'remote pre success',
      '__actions_checkout main success',
      'remote main success',
      'local main success',
      'local post skipped',
      'remote post skipped',
    ])
    const bad = await run(
      oneJob(`
- { id: remote, uses: acme/tools/actions/pre@v1 }
- run: exit 1
`),
    )
    expect(step(bad, 'one', 'remote', 'post').log).toBe('this is post\n')
  })

  it('that is local needs a checkout', async () => {
    const result = await run(
      `jobs: { one: { runs-on: ubuntu-latest, steps: [{ id: record, uses: ./actions/record }] } }`,
    )
    expect(step(result, 'one', 'record').log).toContain('Did you forget to run actions/checkout')
  })
})

describe('a composite action', () => {
  it('runs its steps with inputs, environment and outputs of its own, their post steps at the end', async () => {
    const result = await run(
      oneJob(`
- { id: whole, uses: ./actions/composite, env: { OUTER: o }, with: { word: w } }
- { id: see, run: "echo \${{ steps.whole.outputs.word }} \${{ steps.say.outputs.word }}" }
`),
    )
    expect(step(result, 'one', 'whole').log).toContain('found itself\nmain greeting=from inside')
    expect(step(result, 'one', 'see').log).toBe('w-o-1\n')
    expect(job(result, 'one').steps.at(-1)?.log).toContain('post greeting=from inside status=success')
  })

  it('fails when a step of it fails, after its failure() steps', async () => {
    const result = await run(oneJob(`- { id: whole, uses: ./actions/composite, with: { word: fail } }`))
    expect(step(result, 'one', 'whole').outcome).toBe('failure')
    expect(step(result, 'one', 'whole').log).toContain('the inside has failed')
  })
})

describe('permissions', () => {
  const workflow = (permissions: string): string =>
    oneJob(
      `- { id: see, run: 'echo "\${{ github.token == secrets.GITHUB_TOKEN }} \${ACTIONS_ID_TOKEN_REQUEST_URL-none}"' }`,
      `    permissions: ${permissions}\n`,
    )
  const idToken = { url: 'http://127.0.0.1:1/token?api-version=2.0', token: 'bearer-of-the-job' }

  it('decide which token a job gets, and whether it may ask for an OIDC token', async () => {
    const asked: unknown[] = []
    const token = (permissions: unknown): string => {
      asked.push(permissions)
      return 'ghs_made'
    }
    const granted = await run(workflow('{ contents: read, id-token: write }'), { idToken, token })
    expect(step(granted, 'one', 'see').log).toBe(`true ${idToken.url}\n`)
    const refused = await run(workflow('{}'), { idToken, token })
    expect(step(refused, 'one', 'see').log).toBe('true none\n')
    expect(asked).toEqual([{ contents: 'read', 'id-token': 'write' }, {}])
  })
})
