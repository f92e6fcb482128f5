import { describe, expect, it } from '@jest/globals'
import { Cancelled, Displaced } from '../../src/rollout/interruption.js'
import { LedgerConflict } from '../../src/rollout/ports/ledger-store.js'
import { TransientError } from '../../src/rollout/ports/transient-error.js'
import type { Scene } from '../../src/rollout/scene.js'
import { Session } from '../../src/rollout/session.js'
import { MemoryLedgerStore } from '../memory/memory-ledger-store.js'
import { POLICY, Stage } from '../memory/memory-scene.js'
import { at, ledgerOf, OTHER, stageWith, step } from '../memory/played-steps.js'

const RENEW_MS = POLICY.timing.leaseRenewMs

async function taken(stage: Stage, change: Partial<Scene> = {}): Promise<Session> {
  const session = await Session.open(stage.scene(change))
  await session.take()
  return session
}

describe('a session', () => {
  it('changes nothing by reading', async () => {
    const stage = new Stage()
    const session = await Session.open(stage.scene())
    expect([stage.ledgers.text, session.held, session.known]).toEqual([undefined, false, undefined])
    expect(session.ledger).toMatchObject({ service: 'shop', repository: 'acme/shop', closed: [] })
  })

  it('holds the lease under an id of its own until it gives it back', async () => {
    const stage = new Stage()
    const session = await taken(stage)
    expect(ledgerOf(stage).lease).toMatchObject({
      holder: session.holder,
      step: 'step',
      owner: { run: '100' },
    })
    await session.release()
    expect(ledgerOf(stage).lease).toBeUndefined()
    expect(session.held).toBe(false)
  })

  it('renews its lease while it pauses, and while something else works', async () => {
    const stage = new Stage()
    const session = await taken(stage)
    const first = ledgerOf(stage).lease?.renewedAt ?? ''
    await session.pause(RENEW_MS * 3 + 5_000)
    const second = ledgerOf(stage).lease?.renewedAt ?? ''
    expect(Date.parse(second) - Date.parse(first)).toBe(RENEW_MS * 3)
    await session.during(stage.clock.sleep(RENEW_MS * 2 + 5_000))
    expect(Date.parse(ledgerOf(stage).lease?.renewedAt ?? '')).toBeGreaterThan(Date.parse(second) + RENEW_MS)
  })

  it('that holds no lease pauses without writing', async () => {
    const stage = new Stage()
    const session = await Session.open(stage.scene())
    await session.pause(RENEW_MS * 3)
    expect(stage.ledgers.text).toBeUndefined()
  })

  it('pauses no longer than the job lives', async () => {
    const stage = new Stage()
    const cancel = new AbortController()
    const session = await taken(stage, { signal: cancel.signal })
    const pausing = expect(session.pause(600_000)).rejects.toThrow(Cancelled)
    await stage.clock.sleep(40_000)
    cancel.abort()
    await pausing
    expect(stage.clock.monotonicMs()).toBe(40_000)
    session.outliveCancellation()
    await session.pause(1_000)
    expect(stage.clock.monotonicMs()).toBe(41_000)
  })

  it.each([
    ['a change', (session: Session) => session.update((ledger) => ({ ...ledger, service: 'overwritten' }))],
    ['a renewal', (session: Session) => session.pause(RENEW_MS + 1)],
    ['its end', (session: Session) => session.release((ledger) => ({ ...ledger, service: 'overwritten' }))],
  ])(
    'writes nothing more once its lease is another’s, not %s either, and names who displaced it',
    async (_, write) => {
      const stage = new Stage()
      const session = await taken(stage)
      await taken(stage, { actor: OTHER, step: 'deploy' })
      const text = stage.ledgers.text
      const failure = await write(session).catch((thrown: unknown) => thrown)
      expect(failure).toBeInstanceOf(Displaced)
      expect(String(failure)).toContain('deploy of run 200, attempt 1')
      await session.release((ledger) => ({ ...ledger, service: 'overwritten' }))
      expect(stage.ledgers.text).toBe(text)
    },
  )

  it('reads the lease again when it asserts that it is ours', async () => {
    const stage = new Stage()
    const session = await taken(stage)
    await session.assertOurs()
    await taken(stage, { actor: OTHER })
    await expect(session.assertOurs()).rejects.toThrow(Displaced)
  })

  it('makes its change on what somebody without a lease wrote in between, and loses neither', async () => {
    const stage = new Stage()
    const session = await taken(stage)
    const stranger = JSON.parse(stage.ledgers.text ?? '')
    await stage.ledgers.write(JSON.stringify({ ...stranger, note: 'by hand' }), String(stage.ledgers.writes))
    await session.update((ledger) => ({ ...ledger, environment: 'changed' }))
    expect(ledgerOf(stage)).toMatchObject({ note: 'by hand', environment: 'changed' })
  })

  it('takes nothing on a ledger that was written since it was read: the step decides anew', async () => {
    const stage = new Stage()
    const session = await Session.open(stage.scene())
    await stage.live('v1')
    await expect(session.take()).rejects.toThrow(LedgerConflict)
    expect(session.held).toBe(false)
    expect(ledgerOf(stage).lease).toBeUndefined()
  })

  it('gives up where somebody writes at each of its tries, and says who should be found', async () => {
    const stage = new Stage()
    const session = await taken(stage)
    const ledgers = stage.ledgers
    const honest = ledgers.write.bind(ledgers)
    let disturbed = 0
    ledgers.write = async (text, ifMatch) => {
      disturbed++
      await honest(JSON.stringify({ ...JSON.parse(ledgers.text ?? ''), disturbed }), ifMatch)
      return honest(text, ifMatch)
    }
    await expect(session.update((ledger) => ledger)).rejects.toThrow(
      'the ledger at memory was changed by somebody else at each of 21 tries',
    )
  })

  it('knows its own write again when only the answer was lost', async () => {
    class LossyStore extends MemoryLedgerStore {
      lose = 0
      override async write(text: string, ifMatch: string | null): Promise<string> {
        const revision = await super.write(text, ifMatch)
        if (this.lose-- > 0) throw new TransientError('connection lost')
        return revision
      }
    }
    const stage = await stageWith('v1')
    const ledgers = new LossyStore()
    ledgers.text = stage.ledgers.text
    ledgers.lose = 3
    const opened = await stage.conductor({ ledgers }).deploy({ version: 'v2' })
    expect(opened.result).toBe('succeeded')
    const ledger = JSON.parse(ledgers.text ?? '')
    expect(ledger.lease).toBeUndefined()
    expect(ledger.rollout.timeline.map(({ what }: { what: string }) => what)).toEqual([
      'rollout of v2 began',
      'placed in green',
      'v2 is ready in green',
    ])
  })

  it('tells time by the ledger’s target where that tells one', async () => {
    const stage = await stageWith('v1')
    const ahead = 3_600_000
    const ledgers = new Proxy(stage.ledgers, {
      get: (store, key): unknown =>
        key === 'read'
          ? async () => ({ ...(await store.read()), now: new Date(stage.clock.wallTime().getTime() + ahead) })
          : typeof Reflect.get(store, key) === 'function'
            ? Reflect.get(store, key).bind(store)
            : Reflect.get(store, key),
    })
    const session = await Session.open(stage.scene({ ledgers }))
    expect(session.now().getTime() - stage.clock.wallTime().getTime()).toBe(ahead)
  })

  it('that takes over somebody else’s rollout and fails leaves it a time after which it may be taken back', async () => {
    const stage = await stageWith('v1')
    await stage.conductor().deploy({ version: 'v2' })
    const shifting = stage.conductor().shift(step(25, 600_000))
    await stage.clock.sleep(30_000)
    const stuck = await taken(stage, { actor: OTHER })
    await shifting
    await stuck.release()
    stage.clock.advance(POLICY.timing.restMs + 1)
    const actor = { ...OTHER, run: '300' }
    expect((await stage.conductor({ actor }).sweep()).result).toBe('rolled-back')
  })

  it('remembers which job works on an own rollout', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    expect(ledgerOf(stage).rollout?.job).toBe('release')
    await stage.conductor({ actor: { ...OTHER, run: '100', job: 'everyone' } }).shift(step(25))
    expect(ledgerOf(stage).rollout?.job).toBe('everyone')
  })
})
