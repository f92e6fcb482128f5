import { describe, expect, it } from '@jest/globals'
import type { Split } from '../../src/rollout/place.js'
import { RouterConflict, type Router } from '../../src/rollout/ports/router.js'
import type { Stage } from '../memory/memory-scene.js'
import { at, ledgerOf, OTHER, stageWith, step } from '../memory/played-steps.js'

const split = (blue: number, green: number): Split => ({ blue, green }) as Split

/** The stage's router with some of its calls replaced. */
function routerWith(stage: Stage, change: Partial<Router>): Router {
  if (stage.router === undefined) throw new Error('no router here')
  return new Proxy(stage.router, {
    get: (router, key): unknown => {
      const member: unknown = key in change ? Reflect.get(change, key) : Reflect.get(router, key)
      return typeof member === 'function'
        ? (...args: unknown[]) => Reflect.apply(member, router, args)
        : member
    },
  })
}

describe('the split that is written', () => {
  it('is in the ledger as intended before the router has it', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const intended: unknown[] = []
    const router = routerWith(stage, {
      write: async (wanted, ifMatch) => {
        intended.push(ledgerOf(stage).intended)
        return stage.router?.write(wanted, ifMatch) ?? ''
      },
    })
    await stage.conductor({ router }).shift(step(25))
    expect(intended).toEqual([split(75, 25)])
    expect(ledgerOf(stage)).toMatchObject({ split: split(75, 25) })
    expect(ledgerOf(stage).intended).toBeUndefined()
  })

  it('is written only on the revision that was read', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const revisions: unknown[] = []
    const router = routerWith(stage, {
      write: async (wanted, ifMatch) => {
        revisions.push([ifMatch, String(stage.world.revision)])
        return stage.router?.write(wanted, ifMatch) ?? ''
      },
    })
    await stage.conductor({ router }).shift(step(25))
    expect(revisions).toEqual([[expect.any(String), revisions.flat()[0]]])
  })

  it('is written again after a harmless conflict: the object changed, the split did not', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    let conflicts = 2
    const router = routerWith(stage, {
      write: async (wanted, ifMatch) => {
        if (conflicts-- > 0) stage.world.revision++
        return stage.router?.write(wanted, ifMatch) ?? ''
      },
    })
    expect((await stage.conductor({ router }).shift(step(25))).result).toBe('succeeded')
    expect(stage.serving()).toEqual({ v1: 75, v2: 25 })
  })

  it('is given up after three conflicts: a loop that fights somebody ends, in words (trap 23b)', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    let tries = 0
    const router = routerWith(stage, {
      write: async () => {
        tries++
        throw new RouterConflict('it is at another revision')
      },
    })
    const outcome = await stage.conductor({ router }).shift(step(25))
    expect(outcome.problem?.message).toContain(
      'memory router was changed by somebody else at each of 4 tries to write',
    )
    expect(tries).toBe(4)
    expect(outcome.position).toContain('blue (v1) 100 %')
    expect(ledgerOf(stage).lease).toBeUndefined()
  })

  it('is not written when somebody else’s is found in the conflict', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const router = routerWith(stage, {
      write: async (wanted, ifMatch) => {
        stage.world.split = split(50, 50)
        stage.world.changedBy = 'argocd'
        stage.world.revision++
        return stage.router?.write(wanted, ifMatch) ?? ''
      },
    })
    const outcome = await stage.conductor({ router }).shift(step(25))
    expect(outcome.problem?.message).toContain('argocd changed the traffic')
    expect(stage.world.split).toEqual(split(50, 50))
  })

  it('that a killed step had only intended is not taken for a stranger’s', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    stage.ledgers.text = JSON.stringify({ ...ledgerOf(stage), intended: split(50, 50) })
    stage.world.split = split(50, 50)
    expect((await stage.conductor().shift(step(50))).result).toBe('succeeded')
    expect(stage.serving()).toEqual({ v1: 50, v2: 50 })
  })

  it('that never takes effect is told at the deadline, with the position', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const router = routerWith(stage, { effective: async () => 'not-yet' })
    const outcome = await stage.conductor({ router }).shift(step(25))
    expect(outcome.problem?.message).toBe('memory router did not take up blue 75 %, green 25 % within 2m')
    expect(outcome.position).toContain('on its way to blue 75 %, green 25 %, not confirmed')
  })
})

describe('a stranger in the traffic', () => {
  it('while a weight is held stops the step at the next look, and nothing is overwritten', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const shifting = stage.conductor().shift(step(25, 600_000))
    await stage.clock.sleep(30_000)
    stage.world.split = split(0, 100)
    const outcome = await shifting
    expect(outcome.problem?.message).toContain(
      'somebody else changed the traffic: it is blue 0 %, green 100 %',
    )
    expect(stage.clock.monotonicMs()).toBeLessThan(60_000)
    expect(stage.world.split).toEqual(split(0, 100))
  })

  it('is refused before a deploy changes anything', async () => {
    const stage = await stageWith('v1')
    stage.world.split = split(60, 40)
    const before = stage.world.history.length
    const outcome = await stage.conductor().deploy({ version: 'v2' })
    expect(outcome.problem?.message).toContain('it is blue 60 %, green 40 %')
    expect(stage.world.history.length).toBe(before)
  })

  it('is noticed before a promotion that was cut short is finished', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const ledger = ledgerOf(stage)
    stage.ledgers.text = JSON.stringify({
      ...ledger,
      split: split(0, 100),
      rollout: { ...ledger.rollout, phase: 'promoting', weight: 100 },
    })
    stage.world.split = split(70, 30)
    const outcome = await stage.conductor().shift(step(100))
    expect(outcome.problem?.message).toContain('it is blue 70 %, green 30 %')
    expect(ledgerOf(stage).stable?.release.version).toBe('v1')
  })

  it('is overwritten by going back, which says so', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    stage.world.split = split(10, 90)
    stage.world.changedBy = 'kubectl'
    expect((await stage.conductor().rollback({ jobStatus: 'failure' })).result).toBe('rolled-back')
    expect(stage.world.split).toEqual(split(100, 0))
    expect(stage.narrator.lines).toContainEqual(
      expect.stringMatching(/^warning: kubectl changed the traffic.*Going back all the same/),
    )
  })
})

describe('the lease', () => {
  it('is read again right before the write: a step that was displaced since its last write sets no split', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    const honest = stage.ledgers.write.bind(stage.ledgers)
    let displaced = false
    stage.ledgers.write = async (text, ifMatch) => {
      const revision = await honest(text, ifMatch)
      if (displaced || !text.includes('"intended"')) return revision
      displaced = true
      const ledger = ledgerOf(stage)
      const lease = { ...ledger.lease, holder: 'another', owner: OTHER, step: 'deploy' }
      await honest(JSON.stringify({ ...ledger, lease }), revision)
      return revision
    }
    const outcome = await stage.conductor().shift(step(25))
    expect(outcome.problem?.message).toContain('another step took over: deploy of run 200')
    expect(stage.world.split).toEqual(split(95, 5))
  })
})
