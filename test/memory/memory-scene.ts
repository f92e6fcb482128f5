import { Conductor } from '../../src/rollout/conductor.js'
import type { Place } from '../../src/rollout/place.js'
import { DEFAULT_TIMING, type Policy } from '../../src/rollout/policy.js'
import type { Platform } from '../../src/rollout/ports/platform.js'
import type { Router } from '../../src/rollout/ports/router.js'
import type { Actor, Scene } from '../../src/rollout/scene.js'
import type { Weight } from '../../src/rollout/weight.js'
import { MemoryLedgerStore } from './memory-ledger-store.js'
import { MemoryMetrics } from './memory-metrics.js'
import { MemoryPlatform } from './memory-platform.js'
import { MemoryRouter } from './memory-router.js'
import { MemoryWitness } from './memory-witness.js'
import { MemoryWorld } from './memory-world.js'
import { plainJudge } from './plain-judge.js'
import { RememberingNarrator } from './remembering-narrator.js'
import { VirtualClock } from './virtual-clock.js'

export const ACTOR: Actor = { repository: 'acme/shop', run: '100', attempt: 1, job: 'release' }

export const POLICY: Policy = {
  plan: {
    strategy: 'canary',
    steps: [5, 25, 50, 100].map((weight) => ({ weight: weight as Weight, holdMs: 10_000, analyze: true })),
  },
  timing: DEFAULT_TIMING,
  analysis: {
    queries: [
      { name: 'errors', kind: 'share' },
      { name: 'latency-p95', kind: 'latency' },
    ],
    parameters: {
      rules: [
        { name: 'errors', kind: 'share', tolerateRatio: 1.25, tolerateShare: 0.0005 },
        { name: 'latency-p95', kind: 'latency', percentile: 95, tolerateRatio: 1.1 },
      ],
      minSamples: 100,
    },
    intervalMs: 2_000,
    maxHoldFactor: 3,
    onInconclusive: 'back',
  },
  onFail: 'back',
  onCancel: 'back',
  ifBusy: 'refuse',
  keepStableWarm: 0,
  returnAs: 'at-once',
  adopt: false,
  confirmRate: 200,
  dryRun: false,
}

/** A whole stage in memory, on which a test plays runs, jobs and steps. */
export class Stage {
  readonly clock = new VirtualClock()
  readonly world = new MemoryWorld(this.clock)
  readonly ledgers = new MemoryLedgerStore()
  readonly narrator = new RememberingNarrator()
  readonly witness = new MemoryWitness(this.world)
  readonly platform: Platform
  readonly router: Router | undefined
  #ids = 0

  constructor(kind: 'slots' | 'in-place' | 'flag' = 'slots') {
    this.platform = new MemoryPlatform(this.world, kind === 'slots' ? 'slots' : 'in-place')
    this.router =
      kind === 'in-place' ? undefined : new MemoryRouter(this.world, kind === 'flag' ? 'variants' : 'slots')
  }

  /** A scene for one step; `change` replaces parts of it. */
  scene(change: Partial<Scene> & { actor?: Actor; policy?: Policy } = {}): Scene {
    return {
      service: 'shop',
      environment: 'production',
      step: 'step',
      actor: ACTOR,
      state: undefined,
      platform: this.platform,
      router: this.router,
      ledgers: this.ledgers,
      metrics: new MemoryMetrics(this.world),
      witness: this.router?.sides === 'variants' ? undefined : this.witness,
      schema: undefined,
      judge: plainJudge,
      clock: this.clock,
      narrator: this.narrator,
      policy: POLICY,
      signal: new AbortController().signal,
      randomId: () => `id${++this.#ids}`,
      ...change,
    }
  }

  conductor(change: Partial<Scene> = {}): Conductor {
    return new Conductor(this.scene(change))
  }

  /** Which version serves whom now: `{ v1: 75, v2: 25 }`. */
  serving(): Record<string, number> {
    const entries = Object.entries(this.world.split).filter(([, weight]) => weight > 0)
    return Object.fromEntries(
      entries.map(([side, weight]) => [this.world.versionOf(side as Place) ?? 'nobody', weight]),
    )
  }

  /** Brings a first release live, so that a test begins with a stable one. */
  async live(version: string): Promise<void> {
    const actor = { ...ACTOR, run: `live-${version}` }
    await this.conductor({ actor }).deploy({ version })
    await this.conductor({ actor }).shift({ weight: 100 as Weight, holdMs: 0, analyze: false })
  }
}
