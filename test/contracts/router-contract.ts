import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { shareOf, splitFor, type Place, type Side, type Sides, type Split } from '../../src/rollout/place.js'
import { canExpress, RouterConflict, type Router } from '../../src/rollout/ports/router.js'
import type { Weight } from '../../src/rollout/weight.js'
import { ROUTERS, undeclared } from './capabilities.js'
import { until, type Passing } from './patience.js'

/** Two sides that serve behind a router whose object exists, and clients. What is absent is not claimed. */
export interface RouterHarness extends Passing {
  readonly router: Router
  /** The row of `ROUTERS` that says what it must claim. */
  readonly documentedAs: string
  readonly sides: Required<Sides> & { readonly stable: Side }
  /** Within this a written split must have taken effect. */
  readonly deadlineMs: number
  /** Sends requests of clients without cookies to the public address, and says which side answered each. */
  ask(count: number, header?: { readonly name: string; readonly value: string }): Promise<readonly Side[]>
  /** A client that sends back the cookies it was given; each call is one request. */
  returningClient?(): () => Promise<Side>
  /** Opens a websocket as a client without cookies, and says which side answered on it. */
  websocket?(): Promise<Side>
  /** Sends a request that a side needs this long to answer; resolves with whether it was answered. */
  slowRequest?(ms: number): Promise<boolean>
  /** Changes the router's object as somebody else would, past this adapter. */
  somebodyElseWrites(split: Split): Promise<void>
  /** A place where nothing runs, if there is one left. */
  readonly emptyPlace?: Place
  dispose(): Promise<void>
}

const NEWCOMERS = 2_000
const CLIENTS = 60

/** What every router must do. */
export function describeRouter(name: string, makeHarness: () => Promise<RouterHarness>): void {
  describe(`${name} as a router`, () => {
    let harness: RouterHarness
    let router: Router
    let sides: RouterHarness['sides']
    beforeEach(async () => {
      harness = await makeHarness()
      router = harness.router
      sides = harness.sides
    })
    afterEach(() => harness.dispose())

    const at = (weight: number): Split => splitFor(sides, weight as Weight)
    /** Writes a weight and waits until the router says that it holds, or, where it cannot say, until clients see it. */
    const shift = async (weight: number): Promise<void> => {
      const revision = await router.write(at(weight))
      if (router.can.status) {
        const effective = (): Promise<string> => router.effective(revision)
        await until(harness, harness.deadlineMs, effective, (said) => said === 'yes')
        return
      }
      await until(
        harness,
        harness.deadlineMs,
        () => shareSeen(200),
        (share) => Math.abs(share - weight) <= 12 && (weight % 100 !== 0 || share === weight),
      )
    }
    const shareSeen = async (requests: number): Promise<number> => {
      const answered = await harness.ask(requests)
      expect(answered).toHaveLength(requests)
      return (answered.filter((side) => side === sides.candidate).length / requests) * 100
    }
    const expressible = (...weights: number[]): number[] =>
      weights.filter((weight) => canExpress(router.can, weight as Weight))

    describe('claims', () => {
      it('declares all that its vendor documents', () => {
        const documented = ROUTERS[harness.documentedAs]
        if (documented === undefined) throw new Error(`${harness.documentedAs} is not in capabilities.ts`)
        expect(undeclared(router.can, documented.can)).toEqual([])
      })

      it('comes with a harness that can try what it claims', () => {
        const { sticky, websockets } = router.can
        expect({
          sticky: harness.returningClient !== undefined,
          websockets: harness.websocket !== undefined,
        }).toMatchObject({ ...(sticky && { sticky }), ...(websockets && { websockets }) })
      })
    })

    describe('the split', () => {
      it('is read as it was written, zeros included', async () => {
        for (const weight of expressible(0, 25, 100)) {
          const revision = await router.write(at(weight))
          const reading = await router.read()
          expect(reading.split).toEqual(at(weight))
          expect(reading.revision).toBe(revision)
        }
      })

      it('is exact to the hundredth of a percent, where any weight is claimed', async () => {
        for (const weight of expressible(0.01, 0.5, 33.33, 99.99)) {
          await router.write(at(weight))
          expect((await router.read()).split).toEqual(at(weight))
        }
      })

      it('written twice is the same as once', async () => {
        await shift(0)
        const first = await router.write(at(100))
        const again = await router.write(at(100))
        expect((await router.read()).split).toEqual(at(100))
        for (const revision of [first, again]) expect(await settled(revision)).not.toBe('not-yet')
      })

      it('is not touched by reading', async () => {
        await shift(0)
        const before = await router.read()
        await router.healthy('blue')
        await router.remaining(sides.candidate)
        await router.effective(before.revision)
        expect(await router.read()).toEqual(before)
      })

      it('keeps what others get when a place is attached, once or twice, and names it with a zero', async () => {
        if (router.sides !== 'slots') return
        await shift(100)
        const place = sides.stable as Place
        for (let times = 0; times < 2; times++) {
          await router.attach(place)
          const { split } = await router.read()
          expect(shareOf(split, sides.candidate)).toBe(100)
          expect(split[place]).toBe(0)
        }
      })

      it('keeps the weight of a place that is attached already', async () => {
        const [weight = 100] = expressible(25)
        await shift(weight)
        await router.attach(router.sides === 'slots' ? (sides.candidate as Place) : 'live')
        expect((await router.read()).split).toEqual(at(weight))
      })
    })

    const settled = (revision: string): Promise<string> =>
      until(
        harness,
        harness.deadlineMs,
        () => router.effective(revision),
        (said) => said !== 'not-yet',
      )

    describe('somebody else', () => {
      it('is noticed by a conditional write, which then writes nothing', async () => {
        if (!router.can.conditional) return
        await shift(0)
        const { revision } = await router.read()
        await harness.somebodyElseWrites(at(100))
        const outcome = await router.write(at(0), revision).catch((error: unknown) => error)
        expect(outcome).toBeInstanceOf(RouterConflict)
        expect((await router.read()).split).toEqual(at(100))
      })

      it('does not disturb a conditional write of the one who has read last', async () => {
        await shift(0)
        await harness.somebodyElseWrites(at(100))
        const { revision } = await router.read()
        await router.write(at(0), revision)
        expect((await router.read()).split).toEqual(at(0))
      })

      it('makes a revision of its own, that a reader can tell from ours', async () => {
        const ours = await router.write(at(0))
        await harness.somebodyElseWrites(at(100))
        expect((await router.read()).revision).not.toBe(ours)
      })
    })

    describe('requests', () => {
      it('go to nobody but the side that has all', async () => {
        await shift(0)
        expect(await shareSeen(300)).toBe(0)
        await shift(100)
        expect(await shareSeen(300)).toBe(100)
        await shift(0)
        expect(await shareSeen(300)).toBe(0)
      })

      it('follow the weight', async () => {
        for (const weight of expressible(25, 50)) {
          await shift(weight)
          const share = await shareSeen(NEWCOMERS)
          // Four standard deviations of that many draws: a sound router misses it once in 16,000 times.
          expect(Math.abs(share - weight)).toBeLessThan(
            400 * Math.sqrt((0.01 * weight * (1 - 0.01 * weight)) / NEWCOMERS),
          )
        }
      })

      it('of returning clients stay with the candidate while its weight rises, and all come back at 0', async () => {
        const { returningClient } = harness
        if (!router.can.sticky || returningClient === undefined) return
        const clients = Array.from({ length: CLIENTS }, () => returningClient())
        const sidesOf = (): Promise<Side[]> => Promise.all(clients.map((client) => client()))
        await shift(0)
        await sidesOf()
        let former = new Set<number>()
        for (const weight of expressible(25, 50, 75)) {
          await shift(weight)
          const now = new Set(
            (await sidesOf()).flatMap((side, client) => (side === sides.candidate ? [client] : [])),
          )
          expect([...former].filter((client) => !now.has(client))).toEqual([])
          expect(now.size).toBeGreaterThan(0)
          former = now
          // Asked again, nobody moves.
          expect((await sidesOf()).filter((side) => side === sides.candidate)).toHaveLength(now.size)
        }
        await shift(0)
        expect(new Set(await sidesOf())).toEqual(new Set([sides.stable]))
      })

      it('of testers reach the side that their header names, whatever the weight', async () => {
        if (!router.can.header) return
        for (const [weight, side] of [
          [0, sides.candidate],
          [100, sides.stable],
        ] as const) {
          const header = router.testerHeader(side)
          if (header === undefined) throw new Error(`no header for ${side}, but it is claimed`)
          await shift(weight)
          expect(new Set(await harness.ask(20, header))).toEqual(new Set([side]))
        }
      })

      it('over websockets follow the weight too', async () => {
        if (!router.can.websockets) return
        for (const [weight, side] of [
          [0, sides.stable],
          [100, sides.candidate],
        ] as const) {
          await shift(weight)
          expect(await harness.websocket?.()).toBe(side)
        }
      })

      it('in flight are counted until they are done', async () => {
        await shift(0)
        const before = await router.remaining(sides.stable)
        if (before === 'unknown' || harness.slowRequest === undefined) return
        expect(await router.remaining(sides.candidate)).toBe(0)
        const answered = harness.slowRequest(2_000)
        await until(
          harness,
          harness.deadlineMs,
          () => router.remaining(sides.stable),
          (count) => count !== 0,
        )
        await shift(100)
        expect(await router.remaining(sides.stable)).toBeGreaterThan(0)
        expect(await answered).toBe(true)
        await until(
          harness,
          harness.deadlineMs,
          () => router.remaining(sides.stable),
          (count) => count === 0,
        )
      })
    })

    describe('endpoints', () => {
      it('are counted where the router would send requests, and are none where nothing runs', async () => {
        if (router.sides !== 'slots') return
        for (const side of [sides.stable, sides.candidate]) {
          const count = await router.healthy(side as Place)
          if (count !== 'unknown') expect(count).toBeGreaterThan(0)
        }
        if (harness.emptyPlace !== undefined)
          expect([0, 'unknown']).toContain(await router.healthy(harness.emptyPlace))
      })

      it('are told apart for metrics, if the router tells them apart', () => {
        const selector = router.selectors(sides.stable)
        if (Object.keys(selector).length > 0) expect(router.selectors(sides.candidate)).not.toEqual(selector)
      })
    })
  })
}
