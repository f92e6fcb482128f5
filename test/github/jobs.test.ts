import { afterAll, describe, expect, it } from '@jest/globals'
import { job, removeRepositories, run, step } from './a-repository.ts'

afterAll(removeRepositories)

describe('jobs', () => {
  it('wait for what they need and see its result and outputs', async () => {
    const result = await run(`
jobs:
  second:
    needs: first
    runs-on: ubuntu-latest
    steps:
      - id: see
        run: echo "\${{ needs.first.result }} \${{ needs.first.outputs.word }}"
  first:
    runs-on: ubuntu-latest
    outputs: { word: "\${{ steps.say.outputs.word }}" }
    steps:
      - id: say
        run: echo 'word=hello' >> "$GITHUB_OUTPUT"
`)
    expect(step(result, 'second', 'see').log).toBe('success hello\n')
    expect(result.jobs.first).toEqual({ result: 'success', outputs: { word: 'hello' } })
    expect(result.conclusion).toBe('success')
  })

  it('are skipped after a failure anywhere before them, unless their if: asks for it', async () => {
    const result = await run(`
jobs:
  bad: { runs-on: ubuntu-latest, steps: [{ run: exit 1 }] }
  skipped: { needs: bad, runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  after-skipped: { needs: skipped, runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  closing: { needs: [bad, skipped], if: always() && needs.skipped.result != 'success', runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  on-failure: { needs: after-skipped, if: failure(), runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
  not-on-success: { needs: closing, if: "needs.closing.result == 'success'", runs-on: ubuntu-latest, steps: [{ run: 'true' }] }
`)
    const results = Object.fromEntries(
      Object.entries(result.jobs).map(([id, { result: value }]) => [id, value]),
    )
    expect(results).toEqual({
      bad: 'failure',
      skipped: 'skipped',
      'after-skipped': 'skipped',
      closing: 'success',
      'on-failure': 'success',
      'not-on-success': 'skipped',
    })
    expect(result.conclusion).toBe('failure')
  })

  it('that continue on error look successful to others, and to the run', async () => {
    const result = await run(`
jobs:
  flaky: { continue-on-error: true, runs-on: ubuntu-latest, steps: [{ run: exit 1 }] }
  next: { needs: flaky, runs-on: ubuntu-latest, steps: [{ id: see, run: "echo \${{ needs.flaky.result }}" }] }
`)
    expect(job(result, 'flaky').result).toBe('failure')
    expect(step(result, 'next', 'see').log).toBe('success\n')
    expect(result.conclusion).toBe('success')
  })

  it('of a matrix run once for each combination, and others see their outputs merged', async () => {
    const result = await run(
      `
jobs:
  each:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        service: [shop, search]
        zone: [a, b]
        exclude: [{ service: search, zone: b }]
        include: [{ service: shop, zone: a, extra: x }, { service: cart }]
    outputs: { "\${{ matrix.service }}": yes }
    steps:
      - id: see
        run: echo "\${{ matrix.service }} \${{ matrix.zone }} \${{ matrix.extra }} \${{ strategy.job-total }}"
  all: { needs: each, runs-on: ubuntu-latest, steps: [{ id: see, run: "echo '\${{ toJSON(needs.each.outputs) }}'" }] }
`.replace('"${{ matrix.service }}": yes', 'any: "${{ matrix.service }}"'),
    )
    const logs = result.jobRuns.filter((one) => one.id === 'each').map((one) => one.steps[0]?.log)
    expect(logs.sort()).toEqual(['cart   4\n', 'search a  4\n', 'shop a x 4\n', 'shop b  4\n'])
    expect(job(result, 'each (shop, a, x)').result).toBe('success')
    expect(step(result, 'all', 'see').log).toMatch(/"any": "(shop|search|cart)"/)
  })

  it('of a matrix are cancelled when one of them fails, unless fail-fast is false', async () => {
    const workflow = (failFast: boolean): string => `
jobs:
  each:
    runs-on: ubuntu-latest
    strategy: { fail-fast: ${failFast}, max-parallel: 1, matrix: { code: [1, 0] } }
    steps: [{ run: "exit \${{ matrix.code }}" }]
`
    const fast = await run(workflow(true))
    expect(job(fast, 'each (0)').result).toBe('cancelled')
    expect(fast.jobs.each?.result).toBe('failure')
    expect(job(await run(workflow(false)), 'each (0)').result).toBe('success')
  })

  it('fail when an action cannot be found, before any step has run', async () => {
    const result = await run(`
jobs:
  one: { runs-on: ubuntu-latest, steps: [{ run: 'true' }, { uses: nobody/nothing@v1 }] }
`)
    expect(job(result, 'one')).toMatchObject({ result: 'failure', steps: [] })
    expect(job(result, 'one').annotations[0]?.message).toContain(
      "Unable to resolve action 'nobody/nothing@v1'",
    )
  })
})

describe('environments', () => {
  const workflow = `
jobs:
  one:
    runs-on: ubuntu-latest
    environment: { name: production, deployment: false, url: "https://\${{ steps.see.outputs.host }}" }
    steps:
      - id: see
        run: |
          test '\${{ secrets.KEY }}' = inner
          test '\${{ vars.PLACE }}' = here
          echo 'host=shop.example' >> "$GITHUB_OUTPUT"
  two: { runs-on: ubuntu-latest, steps: [{ run: "test '\${{ secrets.KEY }}' = outer" }] }
`

  it('bring their own secrets and variables to their jobs only', async () => {
    const result = await run(workflow, {
      secrets: { KEY: 'outer' },
      environments: { production: { secrets: { KEY: 'inner' }, vars: { PLACE: 'here' } } },
    })
    expect(result.conclusion).toBe('success')
    expect(job(result, 'one').environment).toEqual({
      name: 'production',
      deployment: false,
      url: 'https://shop.example',
    })
  })

  it('ask before the job starts; who is refused has failed and never ran', async () => {
    const result = await run(workflow, {
      secrets: { KEY: 'outer' },
      approve: ({ environment }) => Promise.resolve(environment === 'production' ? 'refused' : 'approved'),
    })
    expect(job(result, 'one')).toMatchObject({ result: 'failure', steps: [] })
    expect(job(result, 'one').annotations[0]?.message).toBe(
      'The deployment to production was rejected by a reviewer.',
    )
    expect(job(result, 'two').result).toBe('success')
  })

  it('trap 38: ask for each job that names them, and fail by themselves when nobody answers', async () => {
    const asked: string[] = []
    const result = await run(
      `
jobs:
  one: { runs-on: ubuntu-latest, environment: production, steps: [{ run: 'true' }] }
  two: { needs: one, runs-on: ubuntu-latest, environment: production, steps: [{ run: 'true' }] }
`,
      {
        approve: ({ job: key, environment }) => {
          asked.push(`${key} ${environment}`)
          return Promise.resolve(key === 'two' ? 'expired' : 'approved')
        },
      },
    )
    expect(asked).toEqual(['one production', 'two production'])
    expect(job(result, 'two')).toMatchObject({ result: 'failure', steps: [] })
  })

  it('trap 46: get a deployment of GitHub’s own, unless deployment: false is written', async () => {
    const result = await run(`
jobs:
  one: { runs-on: ubuntu-latest, environment: production, steps: [{ run: 'true' }] }
  two: { runs-on: ubuntu-latest, environment: { name: production, deployment: false }, steps: [{ run: 'true' }] }
`)
    expect(job(result, 'one').environment?.deployment).toBe(true)
    expect(job(result, 'two').environment?.deployment).toBe(false)
  })
})
