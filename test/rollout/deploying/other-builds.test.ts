import { describe, expect, it } from '@jest/globals'
import type { Stage } from '../../memory/memory-scene.js'
import type { Finding, Intent } from '../../../src/rollout/ports/platform.js'
import { MemoryPlatform } from '../../memory/memory-platform.js'
import { ACTOR, POLICY } from '../../memory/memory-scene.js'
import { at, ledgerOf, OTHER, stageWith } from '../../memory/played-steps.js'

const V2 = { version: 'v2' }
const REBUILT = 'handle of v2, built again'

function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing is there')
  return value
}

/** Notes whether a build was said to be needed. */
class Inquisitive extends MemoryPlatform {
  readonly asked: (boolean | undefined)[] = []

  override async preflight({ recorded }: Intent): Promise<readonly Finding[]> {
    this.asked.push(recorded)
    return []
  }
}

/** From now on a step brings another build as v2. */
function rebuild(stage: Stage): void {
  stage.world.builds.set('v2', ', built again')
}

describe('another build under the same label', () => {
  it('is what comes up where the former one was taken back', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy(V2)
    await stage.conductor().rollback({ jobStatus: 'failure' })
    rebuild(stage)
    const outcome = await stage.conductor({ actor: OTHER }).deploy(V2)
    expect(outcome).toMatchObject({ result: 'succeeded', weight: 0 })
    expect(stage.world.places.get('green')?.handle).toBe(REBUILT)
    expect(stage.narrator.lines.join('\n')).toContain('This is another build, and it is rolled out like any')
    expect(stage.world.lost).toEqual([])
  })

  it('displaces what could not be retired of the former one', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy(V2)
    const left = new Map(stage.world.places)
    const { places } = ledgerOf(stage)
    await stage.conductor().rollback({ jobStatus: 'failure' })
    stage.world.places.set('green', defined(left.get('green')))
    stage.ledgers.text = JSON.stringify({ ...JSON.parse(stage.ledgers.text ?? ''), places })
    rebuild(stage)
    await stage.conductor({ actor: OTHER }).deploy(V2)
    expect(stage.world.places.get('green')?.handle).toBe(REBUILT)
  })

  it('is refused while that label is stable, and nothing is touched', async () => {
    const stage = await stageWith('v2')
    rebuild(stage)
    const before = [...stage.world.history]
    const outcome = await stage.conductor().deploy(V2)
    expect(outcome).toMatchObject({
      result: 'failed',
      sentence: 'v2 is stable already, and this is another build under the same label',
    })
    expect(outcome.problem?.hint).toContain('Give each build a version of its own')
    expect(stage.world.history).toEqual(before)
  })

  it('is refused while that label is the open candidate of the same attempt', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    rebuild(stage)
    const outcome = await stage.conductor().deploy(V2)
    expect(outcome).toMatchObject({
      result: 'failed',
      sentence: 'the rollout of v2 is open, and this is another build under the same label',
    })
    expect(outcome.problem?.hint).toContain('run rollback first')
    expect(stage.serving()).toEqual({ v1: 75, v2: 25 })
    expect(stage.world.places.get('green')?.handle).toBe('handle of v2')
  })

  it('begins anew in the next attempt, after the former one was taken back', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    rebuild(stage)
    const outcome = await stage.conductor({ actor: { ...ACTOR, attempt: 2 } }).deploy(V2)
    expect(outcome).toMatchObject({ result: 'succeeded', weight: 0 })
    expect(stage.world.places.get('green')?.handle).toBe(REBUILT)
    expect(stage.world.lost).toEqual([])
  })

  it('is not used by a return, which says so: what was stable is what comes back at once', async () => {
    const stage = await stageWith('v2')
    await at(stage, 'v3', 100)
    rebuild(stage)
    const outcome = await stage.conductor({ actor: OTHER }).deploy(V2)
    expect(outcome).toMatchObject({ result: 'succeeded', restoredVersion: 'v2' })
    expect(stage.narrator.lines.join('\n')).toContain('is another one and is not used')
    expect([...stage.world.places.values()].map(({ handle }) => handle)).toContain('handle of v2')
  })

  it('walks the plan instead of a return, where returns do', async () => {
    const stage = await stageWith('v2')
    await at(stage, 'v3', 100)
    rebuild(stage)
    const policy = { ...POLICY, returnAs: 'rollout' as const }
    const outcome = await stage.conductor({ actor: OTHER, policy }).deploy(V2)
    expect(outcome).toMatchObject({ result: 'succeeded', weight: 0 })
    expect([...stage.world.places.values()].map(({ handle }) => handle)).toContain(REBUILT)
  })

  it('is not needed to go back: what is asked before anything starts is that', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 100)
    const platform = new Inquisitive(stage.world)
    await stage.conductor({ actor: OTHER, platform }).deploy({ version: 'v3' })
    await stage.conductor({ actor: OTHER, platform }).rollback({ jobStatus: 'failure' })
    await stage.conductor({ actor: OTHER, platform }).rollback({ to: 'v1', jobStatus: 'success' })
    expect(platform.asked).toEqual([false, true])
  })

  it('is none of a rollback’s business: what lies in the workspace then belongs to another release', async () => {
    const stage = await stageWith('v2')
    await at(stage, 'v3', 100)
    rebuild(stage)
    const outcome = await stage.conductor({ actor: OTHER }).rollback({ to: 'v2', jobStatus: 'success' })
    expect(outcome).toMatchObject({ result: 'rolled-back', restoredVersion: 'v2' })
    expect(stage.narrator.lines.join('\n')).not.toContain('another one')
    expect([...stage.world.places.values()].map(({ handle }) => handle)).toContain('handle of v2')
  })
})
