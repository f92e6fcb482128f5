import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { keepConfig, withConfigOf } from '../../src/actions/kept-config.js'
import type { ConfigSource } from '../../src/config/read-config-file.js'
import { UserError } from '../../src/rollout/user-error.js'
import { Masks } from '../../src/workflow/masks.js'
import { Annotations } from '../../src/workflow/annotations.js'
import { LogNarrator } from '../../src/workflow/log-narrator.js'
import { VirtualClock } from '../memory/virtual-clock.js'
import { captured } from '../workflow/captured-log.js'

const FILE = '.github/rollout.yml'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kept-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function stage(job = 'canary') {
  const masks = new Masks(() => undefined)
  masks.add('the input token', 's3cret-value')
  return {
    masks,
    narrator: new LogNarrator(new VirtualClock(), masks, new Annotations(masks)),
    environment: {
      actor: { repository: 'acme/shop', run: '1', attempt: 1, job },
      commit: '2'.repeat(40),
      apiUrl: 'http://127.0.0.1:1',
      workspace: join(folder, 'workspace'),
      temporaryFolder: folder,
    },
  }
}

/** Takes a file that says `right` for right, as the parser of rollout.yml would. */
const use = async ({ text }: ConfigSource): Promise<string> => {
  if (text.startsWith('right')) return text
  throw new UserError('rollout.yml:1:1: not YAML', { hint: 'Mend line 1.' })
}

/** What came of it, and what the log said. */
async function goingBack(job?: string, config = FILE): Promise<{ done: unknown; log: string }> {
  let result = { done: undefined as unknown, log: '' }
  await captured(async (log) => {
    const done = await withConfigOf(stage(job), config, use).catch((thrown: unknown) => thrown)
    result = { done, log: log.text() }
  })
  return result
}

describe('rollout.yml on the way back', () => {
  it('that is missing is used as an earlier step of the job used it, and the log says so', async () => {
    keepConfig(stage(), { file: FILE, text: 'right before' })
    const { done, log } = await goingBack()
    expect(done).toBe('right before')
    expect(log).toMatch(/^::warning::\.github\/rollout\.yml cannot be used any more; going back with it as/)
    expect(log).toContain('there is no such file in the workspace')
  })

  it('that is broken is used as it was used last', async () => {
    const broken = join(folder, 'rollout.yml')
    writeFileSync(broken, '{')
    keepConfig(stage(), { file: broken, text: 'right at first' })
    keepConfig(stage(), { file: broken, text: 'right at last' })
    expect((await goingBack(undefined, broken)).done).toBe('right at last')
  })

  it('that is there and right is used as it is', async () => {
    const file = join(folder, 'rollout.yml')
    writeFileSync(file, 'right now')
    keepConfig(stage(), { file, text: 'right before' })
    expect(await goingBack(undefined, file)).toEqual({ done: 'right now', log: '' })
  })

  it('that nobody has kept is refused, saying that traffic was not touched and what to do', async () => {
    keepConfig(stage('another job'), { file: FILE, text: 'right' })
    keepConfig(stage(), { file: 'other.yml', text: 'right' })
    const { done } = await goingBack()
    expect(done).toMatchObject({
      message: `${FILE}: there is no such file in the workspace`,
      hint: expect.stringMatching(/^Check out .*Traffic was not touched: .*run `rollback` again\.$/),
    })
  })

  it('is refused for what is wrong with it now where the kept one is refused too', async () => {
    keepConfig(stage(), { file: FILE, text: 'never right' })
    const { done, log } = await goingBack()
    expect((done as UserError).message).toContain('there is no such file')
    expect(log).toBe('')
  })

  it('a bug of ours is not taken for a broken file', async () => {
    keepConfig(stage(), { file: FILE, text: 'right' })
    const bug = async (): Promise<never> => {
      throw new TypeError('x is not a function')
    }
    await captured(() => expect(withConfigOf(stage(), FILE, bug)).rejects.toThrow(TypeError))
  })

  it('is kept for its owner only, and not with a secret in it', () => {
    keepConfig(stage(), { file: FILE, text: 'right: s3cret-value' })
    expect(readdirSync(folder)).toEqual([])
    keepConfig(stage(), { file: FILE, text: 'right' })
    const [kept = ''] = readdirSync(folder)
    expect(statSync(join(folder, kept)).mode & 0o777).toBe(0o600)
  })

  it('that cannot be kept stops nothing', async () => {
    const nowhere = stage()
    const environment = { ...nowhere.environment, temporaryFolder: join(folder, 'missing') }
    await captured((log) => {
      keepConfig({ ...nowhere, environment }, { file: FILE, text: 'right' })
      expect(log.text()).toContain('could not be kept for the steps to come')
    })
  })
})
