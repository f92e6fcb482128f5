import { describe, expect, it } from '@jest/globals'
import { answersToConfirm, ShareTest } from '../../src/rollout/share-test.js'
import { seeded } from '../memory/seeded.js'

const RUNS = 1_000
/** What 120 s at 200 answers a second come to. */
const DEADLINE_ANSWERS = 24_000

type Ending = 'confirmed' | 'missed'

/** One sample of a router whose true share is `share`. */
function sample(wanted: number, share: number, random: () => number): { ending: Ending; answers: number } {
  const test = new ShareTest(wanted)
  for (;;) {
    const finding = test.add(random() < share)
    if (finding !== 'open') return { ending: finding, answers: test.answers }
  }
}

/** As a confirmation asks: sample after sample until the deadline. */
function asked(wanted: number, share: number, random: () => number): boolean {
  let test = new ShareTest(wanted)
  for (let answers = 0, samples = 1; answers < DEADLINE_ANSWERS; answers++) {
    const finding = test.add(random() < share)
    if (finding === 'confirmed') return true
    if (finding === 'missed') test = new ShareTest(wanted, ++samples)
  }
  return false
}

function portion(runs: number, event: () => boolean): number {
  let count = 0
  for (let run = 0; run < runs; run++) if (event()) count++
  return count / runs
}

describe.each([0.05, 0.25, 0.5, 0.75])('a share of %f', (wanted) => {
  it('is confirmed in at most 2 of 1,000 samples when it is half of that in truth', () => {
    const random = seeded(1)
    expect(
      portion(RUNS, () => sample(wanted, wanted / 2, random).ending === 'confirmed'),
    ).toBeLessThanOrEqual(0.002)
  })

  it('is confirmed in at most 2 of 1,000 samples when it is double of that in truth', () => {
    const random = seeded(2)
    const double = Math.min(1, wanted * 2)
    expect(portion(RUNS, () => sample(wanted, double, random).ending === 'confirmed')).toBeLessThanOrEqual(
      0.002,
    )
  })
})

describe.each([0.01, 0.05, 0.25, 0.5, 0.75])('a true share of %f', (wanted) => {
  it('is confirmed by the first sample in 98 of 100 runs when it is so', () => {
    const random = seeded(3)
    expect(portion(300, () => sample(wanted, wanted, random).ending === 'confirmed')).toBeGreaterThan(0.98)
  })

  it('is confirmed within the deadline', () => {
    const random = seeded(4)
    expect(portion(50, () => asked(wanted, wanted, random))).toBe(1)
  })
})

describe('the answers that a share takes', () => {
  it.each([0.0063, 0.05, 0.5, 0.9])('suffice for %f in 99 of 100 samples', (wanted) => {
    const random = seeded(7)
    const enough = () => {
      const { ending, answers } = sample(wanted, wanted, random)
      return ending === 'confirmed' && answers <= answersToConfirm(wanted)
    }
    expect(portion(200, enough)).toBeGreaterThanOrEqual(0.99)
  })
})

describe('a wrong share that is asked again and again until the deadline', () => {
  it.each([
    { wanted: 0.25, truly: 0.125 },
    { wanted: 0.25, truly: 0.5 },
    { wanted: 0.05, truly: 0.1 },
  ])('is not taken for $wanted when it is $truly, however many samples miss', ({ wanted, truly }) => {
    const random = seeded(5)
    expect(portion(100, () => asked(wanted, truly, random))).toBeLessThanOrEqual(0.01)
  })
})

describe('the number of answers', () => {
  it('is moderate: 25 % is told from half and double by some hundred answers', () => {
    const random = seeded(6)
    const answers = Array.from({ length: 500 }, () => sample(0.25, 0.25, random).answers).sort(
      (a, b) => a - b,
    )
    expect(answers[250]).toBeLessThan(300)
    expect(answers[495]).toBeLessThan(1_200)
  })

  it('is never less than what can exclude both: all from the candidate excludes half, not double', () => {
    const test = new ShareTest(0.25)
    const findings = Array.from({ length: 20 }, () => test.add(true))
    expect(findings).not.toContain('confirmed')
    expect(findings).toContain('missed')
  })

  it('counts a share', () => {
    const test = new ShareTest(0.5)
    expect(test.share).toBe(0)
    test.add(true)
    test.add(false)
    expect([test.share, test.answers, test.candidate]).toEqual([0.5, 2, 1])
  })
})
