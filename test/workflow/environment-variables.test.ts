import { describe, expect, it } from '@jest/globals'
import { readRunnerEnvironment } from '../../src/workflow/environment-variables.js'

const complete = {
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_RUN_ID: '4711',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_JOB: 'canary',
  GITHUB_SHA: '3f786850e387550fdab836ed7e6dc881de23001b',
  GITHUB_SERVER_URL: 'https://github.example/',
  GITHUB_API_URL: 'https://github.example/api/v3/',
  GITHUB_WORKSPACE: '/home/runner/work/shop/shop',
  RUNNER_TEMP: '/home/runner/work/_temp',
}

describe("the runner's environment", () => {
  it('names who acts, and where people can look at it', () => {
    const { actor, apiUrl } = readRunnerEnvironment(complete)
    expect(actor).toEqual({
      repository: 'acme/shop',
      run: '4711',
      attempt: 2,
      job: 'canary',
      url: 'https://github.example/acme/shop/actions/runs/4711/attempts/2',
    })
    expect(apiUrl).toBe('https://github.example/api/v3')
  })

  it('says everything that is missing or malformed at once', () => {
    expect(() =>
      readRunnerEnvironment({
        ...complete,
        GITHUB_RUN_ATTEMPT: '0',
        GITHUB_REPOSITORY: 'shop',
        GITHUB_JOB: '',
      }),
    ).toThrow(
      /GITHUB_REPOSITORY is "shop"; expected: owner\/name\n- GITHUB_RUN_ATTEMPT is "0".*\n- GITHUB_JOB is not set/,
    )
  })
})
