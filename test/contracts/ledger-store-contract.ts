import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { LedgerConflict, type LedgerStore } from '../../src/rollout/ports/ledger-store.js'

export interface LedgerStoreHarness {
  /** A fresh view of one and the same ledger, as another process has it. */
  open(): LedgerStore
  dispose(): Promise<void> | void
}

const rejectedAs = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it was written',
    (error: unknown) => error,
  )

/** What every place that keeps a ledger must do. */
export function describeLedgerStore(
  name: string,
  makeHarness: () => Promise<LedgerStoreHarness> | LedgerStoreHarness,
): void {
  describe(`${name} as a ledger store`, () => {
    let harness: LedgerStoreHarness
    let store: LedgerStore
    beforeEach(async () => {
      harness = await makeHarness()
      store = harness.open()
    })
    afterEach(() => harness.dispose())

    it('says where it is', () => {
      expect(store.address).toMatch(/\S/)
    })

    it('has nothing at first, and reading makes nothing', async () => {
      expect(await store.read()).toMatchObject({ text: undefined, revision: null })
      expect(await harness.open().read()).toMatchObject({ text: undefined, revision: null })
    })

    it('keeps a document byte for byte, for every process', async () => {
      const text = JSON.stringify({ note: 'Zürich, 東京, 🐘, "quotes", \\ and \n newlines' })
      const revision = await store.write(text, null)
      expect(await harness.open().read()).toMatchObject({ text, revision })
    })

    it('keeps a ledger of 250 KiB', async () => {
      const text = JSON.stringify({ evidence: 'x'.repeat(250 * 1024) })
      await store.write(text, null)
      const reading = await harness.open().read()
      expect(reading.text === text).toBe(true)
    })

    it('gives each write a revision of its own', async () => {
      const first = await store.write('{"n":1}', null)
      const second = await store.write('{"n":2}', first)
      expect(second).not.toBe(first)
      expect(await store.read()).toMatchObject({ text: '{"n":2}', revision: second })
    })

    it('refuses a first write when there is a ledger', async () => {
      const revision = await store.write('{"n":1}', null)
      expect(await rejectedAs(harness.open().write('{"n":2}', null))).toBeInstanceOf(LedgerConflict)
      expect(await store.read()).toMatchObject({ text: '{"n":1}', revision })
    })

    it('refuses a write after somebody else has written', async () => {
      const old = await store.write('{"n":1}', null)
      const revision = await harness.open().write('{"n":2}', old)
      expect(await rejectedAs(store.write('{"n":3}', old))).toBeInstanceOf(LedgerConflict)
      expect(await store.read()).toMatchObject({ text: '{"n":2}', revision })
    })

    it('refuses a write to a revision that the ledger left long ago', async () => {
      const old = await store.write('{"n":0}', null)
      let revision = old
      for (let n = 1; n <= 60; n++) revision = await store.write(JSON.stringify({ n }), revision)
      expect(await rejectedAs(store.write('{"n":-1}', old))).toBeInstanceOf(LedgerConflict)
      expect(await harness.open().read()).toMatchObject({ text: '{"n":60}', revision })
    })

    it('lets one of many writers win', async () => {
      const before = await store.write('{"n":0}', null)
      const writes = Array.from({ length: 8 }, (_, writer) =>
        rejectedAs(harness.open().write(JSON.stringify({ writer }), before)),
      )
      const outcomes = await Promise.all(writes)
      expect(outcomes.filter((outcome) => outcome === 'it was written')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome instanceof LedgerConflict)).toHaveLength(7)
      const winner = outcomes.indexOf('it was written')
      expect(await store.read()).toMatchObject({ text: JSON.stringify({ writer: winner }) })
    })

    it('tells the time of its target, if it tells one', async () => {
      const { now } = await store.read()
      if (now !== undefined) expect(Math.abs(now.getTime() - Date.now())).toBeLessThan(300_000)
    })
  })
}
