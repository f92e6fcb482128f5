import { describe, expect, it } from '@jest/globals'
import type { Check, CheckTarget } from '../../src/rollout/check.js'
import { MemoryPlatform } from '../memory/memory-platform.js'
import { ACTOR, POLICY } from '../memory/memory-scene.js'
import { at, ledgerOf, stageWith, step } from '../memory/played-steps.js'

const PUBLIC = new URL('http://shop.invalid/')

/** A check that notes whom it asked, and finds what it is told. */
function checking(change: Partial<Check> & { passed?: boolean } = {}): Check & { asked: CheckTarget[] } {
  const { passed = true, ...rest } = change
  const asked: CheckTarget[] = []
  return {
    target: 'candidate',
    publicUrl: async () => PUBLIC,
    candidateUrl: undefined,
    asked,
    run: async (target) => {
      asked.push(target)
      return { passed, sentence: passed ? '3 checks passed' : '1 of 3 checks failed' }
    },
    ...rest,
  }
}

/** A platform whose places have no address of their own. */
class Unreachable extends MemoryPlatform {
  override async reach(): Promise<URL | undefined> {
    return undefined
  }
}

describe('a check', () => {
  it('asks the candidate at its own address, and expects its version', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const wanted = checking()
    expect((await stage.conductor().check(wanted)).result).toBe('succeeded')
    expect(wanted.asked).toEqual([{ url: new URL('http://green.memory.invalid/'), version: 'v2' }])
  })

  it('asks at the address of the config rather than at its own', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const candidateUrl = new URL('http://preview.shop.invalid/')
    const wanted = checking({ candidateUrl })
    await stage.conductor().check(wanted)
    expect(wanted.asked[0]?.url).toEqual(candidateUrl)
  })

  it('asks through the public address with the tester’s header where it has none of its own', async () => {
    const stage = await stageWith('v1')
    const platform = new Unreachable(stage.world)
    await stage.conductor({ platform }).deploy({ version: 'v2' })
    const wanted = checking()
    await stage.conductor({ platform }).check(wanted)
    expect(wanted.asked).toEqual([{ url: PUBLIC, version: 'v2', header: { name: 'x-side', value: 'green' } }])
    const nowhere = await stage.conductor({ platform }).check(checking({ publicUrl: async () => undefined }))
    expect(nowhere.problem?.message).toBe('the candidate of shop cannot be reached from here')
  })

  it('that fails before any weight takes the candidate back: it never gets a request', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const outcome = await stage.conductor().check(checking({ passed: false }))
    expect(outcome).toMatchObject({
      result: 'failed',
      weight: 0,
      problem: { message: '1 of 3 checks failed' },
    })
    expect(ledgerOf(stage).rollout?.phase).toBe('failed')
    expect((await stage.conductor().shift(step(5))).problem?.message).toContain('has failed')
    expect(stage.world.history.filter((line) => line.includes('"green":5'))).toEqual([])
  })

  it('that is a dry run asks nobody, and does not even ask for the address', async () => {
    const stage = await stageWith('v1')
    const policy = { ...POLICY, dryRun: true }
    let addresses = 0
    const publicUrl = async () => (addresses++, PUBLIC)
    const wanted = checking({ publicUrl })
    const orphan = await stage.conductor({ policy }).check(wanted)
    expect([orphan.problem?.message.includes('no rollout'), addresses]).toEqual([true, 0])
    const actor = { ...ACTOR, run: 'live-v1' }
    const live = checking({ publicUrl, target: 'live' })
    expect(await stage.conductor({ policy, actor }).check(live)).toMatchObject({
      result: 'unchanged',
      sentence: 'dry run: would check v1 at http://shop.invalid',
    })
    expect([...wanted.asked, ...live.asked]).toEqual([])
  })

  it('of the live address asks the public one, and needs one', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const wanted = checking({ target: 'live' })
    await stage.conductor().check(wanted)
    expect(wanted.asked).toEqual([{ url: PUBLIC, version: 'v2', shared: true }])
    const nowhere = await stage
      .conductor()
      .check(checking({ target: 'live', publicUrl: async () => undefined }))
    expect(nowhere.problem?.message).toBe('target: live needs the public address')
  })

  it('of the live address expects stable at 0 %, either release in between, and the new one at last', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const wanted = checking({ target: 'live' })
    await stage.conductor().check(wanted)
    await stage.conductor().shift(step(25))
    await stage.conductor().check(wanted)
    await stage.conductor().shift(step(100))
    await stage.conductor().check(wanted)
    expect(wanted.asked).toEqual([
      { url: PUBLIC, version: 'v1' },
      { url: PUBLIC, version: 'v2', shared: true },
      { url: PUBLIC, version: 'v2' },
    ])
  })

  it('of the live address after promotion undoes nothing when it fails, and fails all the same', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 100)
    const outcome = await stage.conductor().check(checking({ target: 'live', passed: false }))
    expect(outcome).toMatchObject({ result: 'failed', stableVersion: 'v2' })
    expect(stage.serving()).toEqual({ v2: 100 })
    expect((await stage.conductor().check(checking())).result).toBe('unchanged')
  })

  it.each(['back', 'hold'] as const)(
    'that a cancelled job cut short says nothing of the release: on-cancel: %s decides',
    async (onCancel) => {
      const stage = await stageWith('v1')
      await at(stage, 'v2', 25, { policy: { ...POLICY, onCancel } })
      const cancel = new AbortController()
      const wanted = checking({
        run: async () => {
          cancel.abort()
          return { passed: false, sentence: 'not asked: the job was cancelled' }
        },
      })
      const outcome = await stage.conductor({ signal: cancel.signal }).check(wanted)
      expect(outcome.result).toBe(onCancel === 'hold' ? 'held' : 'failed')
      expect(outcome.weight).toBe(onCancel === 'hold' ? 25 : 0)
      expect(JSON.stringify(ledgerOf(stage).rollout?.timeline)).not.toContain('not asked')
    },
  )
})
