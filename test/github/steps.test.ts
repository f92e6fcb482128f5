import { afterAll, describe, expect, it } from '@jest/globals'
import { job, removeRepositories, run, step } from './a-repository.ts'

afterAll(removeRepositories)

function oneJob(steps: string, more = ''): string {
  const indented = steps
    .trim()
    .split('\n')
    .map((line) => `      ${line}`)
  return `jobs:\n  one:\n    runs-on: ubuntu-latest\n${more}    steps:\n${indented.join('\n')}\n`
}

describe('steps', () => {
  it('see env of workflow, job and step, the nearest winning', async () => {
    const result = await run(`
env: { A: workflow, B: workflow, C: workflow }
${oneJob(
  `
- id: see
  env: { C: "step \${{ env.B }}" }
  run: echo "$A $B $C"
`,
  '    env: { B: job }\n',
)}`)
    expect(step(result, 'one', 'see').log).toBe('workflow job step job\n')
  })

  it('hand on variables, paths and outputs by files, in both forms', async () => {
    const result = await run(
      oneJob(`
- id: write
  run: |
    printf 'LINES<<END\\none\\ntwo=2\\nEND\\nPLAIN=a=b\\n' >> "$GITHUB_ENV"
    mkdir tools && printf '#!/bin/sh\\necho my tool' > tools/tool && chmod +x tools/tool
    echo "$PWD/tools" >> "$GITHUB_PATH"
    printf 'text<<END\\nfirst\\nsecond\\nEND\\n' >> "$GITHUB_OUTPUT"
- id: read
  run: |
    echo "$LINES / $PLAIN / \${{ env.PLAIN }}"
    tool
    echo "\${{ steps.write.outputs.text }}"
`),
    )
    expect(step(result, 'one', 'read').log).toBe('one\ntwo=2 / a=b / a=b\nmy tool\nfirst\nsecond\n')
  })

  it('fail by a malformed file, and may not set NODE_OPTIONS', async () => {
    const result = await run(
      oneJob(`
- { id: output, continue-on-error: true, run: 'echo nonsense >> "$GITHUB_OUTPUT"' }
- { id: env, continue-on-error: true, run: 'echo NODE_OPTIONS=--inspect >> "$GITHUB_ENV"' }
`),
    )
    expect(step(result, 'one', 'output').outcome).toBe('failure')
    expect(step(result, 'one', 'output').log).toContain("Invalid output format 'nonsense'")
    expect(step(result, 'one', 'env').outcome).toBe('failure')
  })

  it('know failure() after a failed step, and end the job as failed', async () => {
    const result = await run(
      oneJob(`
- { id: bad, run: exit 4 }
- { id: skipped, run: 'true' }
- { id: rollback, if: failure(), run: echo going back }
- { id: always, if: "\${{ always() && steps.bad.outcome == 'failure' }}", run: "echo \${{ job.status }}" }
`),
    )
    expect(step(result, 'one', 'bad').annotations).toEqual([
      { level: 'error', message: 'Process completed with exit code 4.' },
    ])
    expect(step(result, 'one', 'skipped').conclusion).toBe('skipped')
    expect(step(result, 'one', 'rollback').log).toBe('going back\n')
    expect(step(result, 'one', 'always').log).toBe('failure\n')
    expect(job(result, 'one').result).toBe('failure')
  })

  it('trap 47: that continue on error leave job.status a success', async () => {
    const result = await run(
      oneJob(`
- { id: bad, continue-on-error: true, run: exit 1 }
- { id: see, run: "echo \${{ job.status }} \${{ steps.bad.outcome }} \${{ steps.bad.conclusion }}" }
- { id: skipped, if: failure(), run: 'true' }
`),
    )
    expect(step(result, 'one', 'see').log).toBe('success failure success\n')
    expect(step(result, 'one', 'skipped').conclusion).toBe('skipped')
    expect(result.conclusion).toBe('success')
  })

  it('run in the shell they ask for: pipefail only where bash is written', async () => {
    const result = await run(
      oneJob(
        `
- { id: plain, run: 'false | true; echo went on' }
- { id: bash, shell: bash, continue-on-error: true, run: 'false | true; echo went on' }
- { id: sh, shell: sh, continue-on-error: true, run: 'false; echo went on' }
- { id: own, shell: 'node {0}', run: 'console.log("in node", process.argv.length)' }
- { id: place, working-directory: below, run: 'basename "$PWD"' }
- { id: odd, run: "echo 'it''s' {braces} \${{ 'a' }} 'b' \\"c\\"" }
`.replace('- { id: place', '- { run: mkdir below }\n- { id: place'),
      ),
    )
    expect(step(result, 'one', 'plain').log).toBe('went on\n')
    expect(step(result, 'one', 'bash').outcome).toBe('failure')
    expect(step(result, 'one', 'sh').outcome).toBe('failure')
    expect(step(result, 'one', 'own').log).toBe('in node 2\n')
    expect(step(result, 'one', 'place').log).toBe('below\n')
    expect(step(result, 'one', 'odd').log).toBe('its {braces} a b c\n')
  })

  it('take expressions in a block without its indentation', async () => {
    const result = await run(
      oneJob(`
- id: see
  run: |
    cat <<END
    \${{ github.repository }} 'a' 'b'
    END
`),
    )
    expect(step(result, 'one', 'see').log).toBe("acme/shop 'a' 'b'\n")
  })

  it('get GitHub’s variables, a fresh home, and nothing of this process', async () => {
    process.env.LEAKED_FROM_THE_TEST = 'yes'
    const result = await run(
      oneJob(`
- id: see
  run: |
    test -z "$LEAKED_FROM_THE_TEST"
    test -z "$(ls -A "$HOME")"
    test "$PWD" = "$GITHUB_WORKSPACE"
    test -d "$RUNNER_TEMP"
    test -d "$RUNNER_TOOL_CACHE"
    test "$CI$GITHUB_ACTIONS" = truetrue
    test "$GITHUB_API_URL" = http://127.0.0.1:1234
    test -n "$RUNNER_TRACKING_ID"
    test "$LEDGER" = /somewhere
    echo "$GITHUB_RUN_ID.$GITHUB_RUN_ATTEMPT.$GITHUB_RUN_NUMBER $GITHUB_REPOSITORY $GITHUB_REF_NAME $GITHUB_JOB $GITHUB_ACTION $GITHUB_WORKFLOW"
    cat "$GITHUB_EVENT_PATH"
`),
      {
        event: { name: 'push', payload: { forced: true } },
        runId: '77',
        runNumber: 5,
        apiUrl: 'http://127.0.0.1:1234',
        env: { LEDGER: '/somewhere' },
      },
    )
    delete process.env.LEAKED_FROM_THE_TEST
    const [first, ...rest] = step(result, 'one', 'see').log.split('\n')
    expect(first).toBe('77.1.5 acme/shop main one see test.yml')
    expect(JSON.parse(rest.join('\n'))).toEqual({ forced: true })
  })

  it('stop at their time limit as failed, and the job goes on', async () => {
    const result = await run(
      oneJob(`
- { id: slow, timeout-minutes: 0.005, run: exec sleep 30 }
- { id: after, if: failure(), run: 'true' }
`),
    )
    expect(step(result, 'one', 'slow')).toMatchObject({ outcome: 'failure' })
    expect(step(result, 'one', 'slow').log).toContain('has timed out after 0.005 minutes')
    expect(step(result, 'one', 'after').outcome).toBe('success')
  })
})

describe('what a step says', () => {
  it('is cut as GitHub cuts it (trap 36): ten annotations of a level, 4,096 characters', async () => {
    const result = await run(
      oneJob(`
- id: many
  run: |
    for i in $(seq 12); do echo "::warning file=a.yml,line=$i::w$i"; done
    echo "::error::$(head -c 5000 /dev/zero | tr '\\0' x)"
    echo "::notice title=Hint::one%0Atwo"
`),
    )
    const { annotations } = step(result, 'one', 'many')
    expect(annotations.filter((one) => one.level === 'warning')).toHaveLength(10)
    expect(annotations[0]).toEqual({ level: 'warning', message: 'w1', file: 'a.yml', line: 1 })
    expect(annotations.find((one) => one.level === 'error')?.message).toHaveLength(4096)
    expect(annotations.find((one) => one.level === 'notice')).toMatchObject({
      title: 'Hint',
      message: 'one\ntwo',
    })
  })

  it('is cut as GitHub cuts it (trap 36): fifty annotations a job, a summary of 1 MiB', async () => {
    const steps = Array.from(
      { length: 6 },
      (_, at) => `- run: for i in $(seq 10); do echo "::notice::${at}"; done`,
    )
    const result = await run(
      oneJob(`
${steps.join('\n')}
- { id: summary, run: 'echo "# Fine" >> "$GITHUB_STEP_SUMMARY"' }
- { id: large, run: 'head -c 1048577 /dev/zero >> "$GITHUB_STEP_SUMMARY"' }
`),
    )
    expect(job(result, 'one').steps.flatMap((one) => one.annotations)).toHaveLength(50)
    expect(step(result, 'one', 'summary').summaryFile).toBeDefined()
    expect(step(result, 'one', 'large')).toMatchObject({ outcome: 'success' })
    expect(step(result, 'one', 'large').summaryFile).toBeUndefined()
  })

  it('hides secrets, their lines, their encodings, and what was masked on the way', async () => {
    const result = await run(
      oneJob(`
- id: tell
  run: |
    echo "\${{ secrets.LINES }}"
    printf %s 'second line' | base64
    echo '::add-mask::half-way'
    echo 'now half-way is hidden'
    echo '::stop-commands::pause'
    echo '::warning::not a command'
    echo '::pause::'
    echo '::debug::not shown'
    echo '::set-output name=a::b'
`),
      { secrets: { LINES: 'first line\nsecond line' } },
    )
    const { log, outputs } = step(result, 'one', 'tell')
    expect(log).not.toMatch(/first line|second line|c2Vjb25kIGxpbmU/)
    expect(log).toContain('now *** is hidden\n::warning::not a command\n')
    expect(log).not.toContain('not shown')
    expect(outputs).toEqual({})
  })

  it('trap 35: drops job outputs that contain a masked string, with only a warning', async () => {
    const result = await run(
      oneJob(
        `
- id: out
  run: |
    echo 'json={"weight":5}' >> "$GITHUB_OUTPUT"
    echo 'plain=state-1.a~b' >> "$GITHUB_OUTPUT"
    echo 'account=registry/123456' >> "$GITHUB_OUTPUT"
    echo '::add-mask::123456'
- { id: same-job, run: "echo '\${{ fromJSON(steps.out.outputs.json).weight }}'" }
`,
        `    outputs:
      json: "\${{ steps.out.outputs.json }}"
      plain: "\${{ steps.out.outputs.plain }}"
      account: "\${{ steps.out.outputs.account }}"
`,
      ),
      { secrets: { KEY: '{\n  "private": "abc"\n}' } },
    )
    expect(job(result, 'one').outputs).toEqual({ plain: 'state-1.a~b' })
    expect(job(result, 'one').annotations.map((one) => one.message)).toEqual([
      "Skip output 'json' since it may contain secret.",
      "Skip output 'account' since it may contain secret.",
    ])
    expect(step(result, 'one', 'same-job').log).toBe('5\n')
    expect(result.conclusion).toBe('success')
  })
})
