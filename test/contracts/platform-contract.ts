import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Place } from '../../src/rollout/place.js'
import type { AttemptId, Health, Platform, Progress } from '../../src/rollout/ports/platform.js'
import { HANDLE_LIMIT_BYTES, type Release } from '../../src/rollout/release.js'
import { ALL } from '../../src/rollout/weight.js'
import { meanwhile, until, type Passing } from './patience.js'

/** One platform with nothing placed, and what a test needs besides the port. What is absent is not claimed. */
export interface PlatformHarness extends Passing {
  readonly platform: Platform
  /** Within this a good release must be ready, and everything asked for must have happened. */
  readonly deadlineMs: number
  /** A release that becomes ready. The same version is the same release. */
  good(version: string): Release
  /** A release that never becomes ready, and a line that it logs. */
  readonly neverReady: { readonly release: Release; readonly logs: string }
  /** Whether the platform itself finds out that a release will not become ready (within `deadlineMs`). */
  readonly failsByItself: boolean
  /** From now on what a step brings as this version is another build. */
  rebuild?(version: string): void
  /** Names what runs in a place now (process ids, pods): if they stay, nothing was restarted. */
  instances?(place: Place): Promise<readonly string[]>
  /** Kills one replica, as a crash would. */
  crash?(place: Place): Promise<void>
  /** Sends a request that a place needs this long to answer; resolves with whether it was answered. */
  slowRequest?(place: Place, ms: number): Promise<boolean>
  /** The version that answers at an address given by `reach`. */
  versionAt?(address: URL): Promise<string>
  dispose(): Promise<void>
}

/** What every platform must do. */
export function describePlatform(name: string, makeHarness: () => Promise<PlatformHarness>): void {
  describe(`${name} as a platform`, () => {
    let harness: PlatformHarness
    let platform: Platform
    /** The place that tests use first; in place there is no other. */
    let first: Place
    beforeEach(async () => {
      harness = await makeHarness()
      platform = harness.platform
      first = platform.layout === 'slots' ? 'blue' : 'live'
    })
    afterEach(() => harness.dispose())

    const ready = (place: Place, attempt: AttemptId): Promise<Progress> =>
      until(
        harness,
        harness.deadlineMs,
        () => platform.progress(place, attempt),
        ({ state }) => state !== 'moving',
      )
    const bringUp = async (place: Place, version: string) => {
      const placement = await platform.place(place, harness.good(version))
      expect(await ready(place, placement.attempt)).toMatchObject({ state: 'ready' })
      return placement
    }
    const settled = (place: Place, count: number): Promise<unknown> =>
      until(
        harness,
        harness.deadlineMs,
        async () => (await platform.observe())[place],
        (seen) => seen?.wanted === count && seen.ready === count,
      )

    describe('placing', () => {
      it('shows nothing where nothing was placed', async () => {
        expect((await platform.observe())[first]).toBeUndefined()
      })

      it('brings a release up, and says what runs', async () => {
        await bringUp(first, 'v1')
        const seen = (await platform.observe())[first]
        expect(seen).toMatchObject({ version: 'v1', restarts: 0 })
        expect(seen?.wanted).toBeGreaterThan(0)
        expect(seen?.ready).toBe(seen?.wanted)
      })

      it('changes nothing when the same release is placed twice, while it starts and after', async () => {
        const once = await platform.place(first, harness.good('v1'))
        expect(await platform.place(first, harness.good('v1'))).toEqual(once)
        await ready(first, once.attempt)
        const running = await harness.instances?.(first)
        const seen = await platform.observe()
        expect(await platform.place(first, harness.good('v1'))).toEqual(once)
        expect(await platform.observe()).toEqual(seen)
        expect(await harness.instances?.(first)).toEqual(running)
      })

      it('counts two calls at the same time as one', async () => {
        const both = [harness.good('v1'), harness.good('v1')].map((release) => platform.place(first, release))
        const [one, other] = await Promise.all(both)
        expect(one).toEqual(other)
        expect(await ready(first, one?.attempt ?? '')).toMatchObject({ state: 'ready' })
      })

      it('calls an attempt that was displaced by another failed', async () => {
        const { attempt } = await bringUp(first, 'v1')
        const next = await bringUp(first, 'v2')
        expect(next.attempt).not.toBe(attempt)
        expect(await platform.progress(first, attempt)).toMatchObject({ state: 'failed' })
        expect((await platform.observe())[first]).toMatchObject({ version: 'v2' })
      })

      it('never calls a release ready that is not, and shows its last log lines', async () => {
        const { release, logs } = harness.neverReady
        const { attempt } = await platform.place(first, release)
        if (harness.failsByItself) {
          const end = await ready(first, attempt)
          expect(['failed', 'undone']).toContain(end.state)
          expect(end).toMatchObject({ reason: expect.stringMatching(/\S/) })
          expect('logs' in end ? end.logs.join('\n') : '').toContain(logs)
        } else {
          await harness.pass(harness.deadlineMs)
          expect(await platform.progress(first, attempt)).toMatchObject({ state: 'moving' })
        }
        expect((await platform.lastWords(first)).join('\n')).toContain(logs)
      })

      it('makes a new attempt of a release that has failed', async () => {
        if (!harness.failsByItself) return
        const failed = await platform.place(first, harness.neverReady.release)
        await ready(first, failed.attempt)
        const again = await platform.place(first, harness.neverReady.release)
        expect(again.attempt).not.toBe(failed.attempt)
      })
    })

    describe('returning', () => {
      it('gives a handle within the limit, by which the release is started again', async () => {
        const { handle } = await bringUp(first, 'v1')
        expect(Buffer.byteLength(handle)).toBeLessThanOrEqual(HANDLE_LIMIT_BYTES)
        if (platform.layout === 'slots') await meanwhile(harness, harness.deadlineMs, platform.retire(first))
        else await bringUp(first, 'v2')
        const back = await platform.place(first, harness.good('v1'), handle)
        expect(back.handle).toBe(handle)
        expect(await ready(first, back.attempt)).toMatchObject({ state: 'ready' })
        expect((await platform.observe())[first]).toMatchObject({ version: 'v1' })
      })
    })

    describe('another build under the same label', () => {
      it('is not seen in what was placed itself, and asking changes nothing', async () => {
        const { handle } = await bringUp(first, 'v1')
        const seen = await platform.observe()
        expect(await platform.isOtherBuild(harness.good('v1'), handle)).toBe(false)
        expect(await platform.observe()).toEqual(seen)
      })

      it('is told apart, and is what comes up when it is placed anew; the handle still starts the one before', async () => {
        if (harness.rebuild === undefined) return
        const before = await bringUp(first, 'v1')
        harness.rebuild('v1')
        expect(await platform.isOtherBuild(harness.good('v1'), before.handle)).toBe(true)
        await meanwhile(harness, harness.deadlineMs, platform.retire(first))
        const after = await bringUp(first, 'v1')
        expect(after.handle).not.toBe(before.handle)
        expect(await platform.isOtherBuild(harness.good('v1'), after.handle)).toBe(false)
        await meanwhile(harness, harness.deadlineMs, platform.retire(first))
        const back = await platform.place(first, harness.good('v1'), before.handle)
        expect(back.handle).toBe(before.handle)
      })
    })

    describe('size', () => {
      it('grows and shrinks to the number that was asked for, asked once or twice', async () => {
        await bringUp(first, 'v1')
        const size = (await platform.observe())[first]?.wanted ?? 0
        for (const count of [size + 1, size + 1, 1, 1]) {
          await platform.scale(first, count)
          await settled(first, count)
        }
      })

      it('brings a release that was shrunk back to full size when it is placed again', async () => {
        const once = await bringUp(first, 'v1')
        const size = (await platform.observe())[first]?.wanted ?? 0
        await platform.scale(first, 0)
        await settled(first, 0)
        const again = await platform.place(first, harness.good('v1'))
        expect(again).toEqual(once)
        await settled(first, size)
      })
    })

    describe('retiring', () => {
      it('leaves nothing, once or twice, and of an empty place', async () => {
        await bringUp(first, 'v1')
        for (let times = 0; times < 2; times++) {
          await meanwhile(harness, harness.deadlineMs, platform.retire(first))
          expect((await platform.observe())[first]).toBeUndefined()
          expect((await harness.instances?.(first)) ?? []).toEqual([])
        }
      })

      it('lets a request in flight finish', async () => {
        if (harness.slowRequest === undefined) return
        await bringUp(first, 'v1')
        const answered = harness.slowRequest(first, 2_500)
        await harness.pass(1_000)
        await platform.retire(first)
        expect(await answered).toBe(true)
      })

      it('touches nothing in the other slot', async () => {
        if (platform.layout !== 'slots') return
        await bringUp('green', 'v1')
        const running = await harness.instances?.('green')
        const seen = (await platform.observe()).green
        await bringUp('blue', 'v2')
        await meanwhile(harness, harness.deadlineMs, platform.retire('blue'))
        expect((await platform.observe()).green).toEqual(seen)
        expect(await harness.instances?.('green')).toEqual(running)
      })
    })

    describe('watching', () => {
      /** Reads a watch to the end in the background. */
      const watch = (place: Place) => {
        const seen: Health[] = []
        const stop = new AbortController()
        const ended = (async () => {
          for await (const health of platform.watch(place, stop.signal)) seen.push(health)
        })()
        return {
          seen,
          see: (accepted: (health: Health) => boolean) =>
            until(
              harness,
              harness.deadlineMs,
              () => seen,
              (all) => all.some(accepted),
            ),
          stop: () => {
            stop.abort()
            return meanwhile(harness, harness.deadlineMs, ended)
          },
        }
      }

      it('says at once how it is, and again when that changes, and ends when told', async () => {
        await bringUp(first, 'v1')
        const { wanted = 0 } = (await platform.observe())[first] ?? {}
        const watching = watch(first)
        await watching.see(({ ready: count }) => count === wanted)
        await platform.scale(first, wanted + 1)
        await watching.see(({ ready: count }) => count === wanted + 1)
        await watching.stop()
      })

      it('sees a replica die, and its restart', async () => {
        if (harness.crash === undefined) return
        await bringUp(first, 'v1')
        const { wanted = 0 } = (await platform.observe())[first] ?? {}
        const watching = watch(first)
        await watching.see(({ ready: count }) => count === wanted)
        await harness.crash(first)
        await watching.see(({ ready: count }) => count < wanted)
        await watching.see(({ ready: count, restarts }) => count === wanted && restarts === 1)
        await watching.stop()
        expect((await platform.observe())[first]).toMatchObject({ restarts: 1, ready: wanted })
      })
    })

    describe('the rest', () => {
      it('reads without changing anything', async () => {
        await bringUp(first, 'v1')
        const running = await harness.instances?.(first)
        const seen = await platform.observe()
        const intent = { release: harness.good('v2'), place: first, weights: [ALL] }
        const findings = await platform.preflight(intent)
        expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
        for (const { what, mend } of findings) expect([what, mend]).not.toContain('')
        await platform.lastWords(first)
        await platform.reach(first)
        expect(await platform.observe()).toEqual(seen)
        expect(await harness.instances?.(first)).toEqual(running)
      })

      it('gives an address of one place alone, if it gives any', async () => {
        const places: Place[] = platform.layout === 'slots' ? ['blue', 'green'] : ['live']
        for (const place of places) await bringUp(place, `in-${place}`)
        for (const place of places) {
          const address = await platform.reach(place)
          if (address === undefined || harness.versionAt === undefined) continue
          expect(await harness.versionAt(address)).toBe(`in-${place}`)
        }
      })

      it('lets what follows stable follow it, once or twice', async () => {
        await bringUp(first, 'v1')
        const seen = await platform.observe()
        await platform.follow(first)
        await platform.follow(first)
        expect(await platform.observe()).toEqual(seen)
      })

      it('tells its places apart for metrics, if it tells them apart at all', () => {
        if (platform.layout !== 'slots') return
        const blue = platform.selectors('blue')
        if (Object.keys(blue).length > 0) expect(platform.selectors('green')).not.toEqual(blue)
      })
    })
  })
}
