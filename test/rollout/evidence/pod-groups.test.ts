import { describe, expect, it } from '@jest/globals'
import { withPodGroups } from '../../../src/rollout/evidence/pod-groups.js'
import type { PodShare, ShareSample } from '../../../src/rollout/ports/metric-source.js'
import { seeded } from '../../memory/seeded.js'

/** Requests of each pod. */
const REQUESTS = 400

/** Bad requests of each of so many pods, whose shares are 5 % and so much more or less. */
function badOf(count: number, spread: number): readonly number[] {
  const random = seeded(count)
  return Array.from({ length: count }, () => {
    const share = 0.05 + (random() < 0.5 ? spread : -spread)
    return Array.from({ length: REQUESTS }, () => random() < share).filter(Boolean).length
  })
}

function side(name: string, bad: readonly number[]): ShareSample {
  const pods = bad.map((one, i): [string, PodShare] => [`${name}-${i}`, [REQUESTS, one]])
  const sum = bad.reduce((total, one) => total + one, 0)
  return { kind: 'share', requests: REQUESTS * bad.length, bad: sum, pods: Object.fromEntries(pods) }
}

/** Pearson's chi² over its degrees of freedom: 1 for pods that differ by chance alone. */
function dispersion({ pods = {}, requests, bad }: ShareSample): number {
  const share = bad / requests
  const each = Object.values(pods).map(([n, x]) => (x - n * share) ** 2 / (n * share * (1 - share)))
  return each.reduce((sum, one) => sum + one, 0) / (each.length - 1)
}

function grouped(sample: ShareSample): ShareSample {
  const groups = withPodGroups(sample)
  if (groups.kind !== 'share') throw new Error('this is no share')
  return groups
}

describe('groups of pods', () => {
  it.each([
    ['by chance alone', 0],
    ['more than by chance', 0.02],
    ['much more', 0.04],
  ])('differ, on average over many names, as much as pods that differ %s', (_, spread) => {
    const bad = badOf(150, spread)
    const sides = Array.from({ length: 60 }, (_, i) => side(`shop-${i}`, bad))
    const mean = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length
    const ofPods = mean(sides.map(dispersion))
    const ofGroups = mean(sides.map((one) => dispersion(grouped(one))))
    expect(ofGroups / ofPods).toBeGreaterThan(0.8)
    expect(ofGroups / ofPods).toBeLessThan(1.25)
  })

  it('are the pods themselves where there are no more than ten', () => {
    const few = side('shop', badOf(10, 0.02))
    expect(withPodGroups(few)).toEqual(few)
  })
})
