import { describe, expect, it } from '@jest/globals'
import type { Check } from '../../src/rollout/check.js'
import type { Scene } from '../../src/rollout/scene.js'
import { POLICY, Stage } from '../memory/memory-scene.js'
import { OTHER, stageWith } from '../memory/played-steps.js'

const BAD: Check = {
  target: 'live',
  publicUrl: async () => new URL('http://shop.invalid/'),
  candidateUrl: undefined,
  run: async () => ({ passed: false, sentence: '1 of 3 checks failed' }),
}

async function hintOf(
  stage: Stage,
  version: string,
  change: Partial<Scene> = {},
): Promise<string | undefined> {
  await stage.conductor(change).deploy({ version })
  return (await stage.conductor(change).check(BAD)).problem?.hint
}

describe('what to do after a failed check', () => {
  it('names the release that serves again, and what tidies up', async () => {
    expect(await hintOf(await stageWith('v1'), 'v2')).toMatch(/^All requests go to v1 again; .*cleans up/)
  })

  it('names no stable release where there is none', async () => {
    expect(await hintOf(new Stage(), 'v1')).toMatch(/^No release is live: none was before this one/)
  })

  it('does not say that anything went back in place: that is still to come', async () => {
    const stage = new Stage('in-place')
    const policy = { ...POLICY, plan: { strategy: 'rolling' as const, steps: [] } }
    expect(await hintOf(stage, 'v1', { policy })).toBe(
      'It was updated in place: the rollback step, or the end of the job, stops it.',
    )
    await stage.conductor({ policy }).finishJob('failure')
    await stage.conductor({ policy, actor: OTHER }).deploy({ version: 'v1' })
    await stage.conductor({ policy, actor: OTHER }).finishJob('success')
    expect(await hintOf(stage, 'v2', { policy })).toMatch(/^It was updated in place: .*brings v1 back/)
  })
})

describe('what to do with a release that does not come up', () => {
  const never = { readyAfterMs: Infinity }

  it('says that stable was not touched, and which it is', async () => {
    const stage = await stageWith('v1')
    stage.world.behave('v2', never)
    expect((await stage.conductor().deploy({ version: 'v2' })).problem?.hint).toMatch(
      /^Stable was not touched: v1 serves/,
    )
  })

  it('speaks of no stable release where there is none', async () => {
    const stage = new Stage()
    stage.world.behave('v1', never)
    expect((await stage.conductor().deploy({ version: 'v1' })).problem?.hint).toMatch(
      /^No release is live yet/,
    )
  })
})
