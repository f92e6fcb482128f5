import { describe, expect, it } from '@jest/globals'
import { isInPlace } from '../../src/rollout/plan.js'
import { sameRelease } from '../../src/rollout/release.js'

describe('two releases', () => {
  it('are the same build by their label', () => {
    expect(sameRelease({ version: 'v1' }, { version: 'v1', commit: 'abc' })).toBe(true)
    expect(sameRelease({ version: 'v1' }, { version: 'v2' })).toBe(false)
  })

  it('are not the same under one label with two images', () => {
    expect(sameRelease({ version: 'v1', image: 'a@sha256:1' }, { version: 'v1', image: 'a@sha256:2' })).toBe(
      false,
    )
    expect(sameRelease({ version: 'v1', image: 'a@sha256:1' }, { version: 'v1', image: 'a@sha256:1' })).toBe(
      true,
    )
    expect(sameRelease({ version: 'v1', image: 'a@sha256:1' }, { version: 'v1' })).toBe(true)
  })

  it('of which one is unknown are not the same, not even when both are', () => {
    expect(sameRelease(undefined, { version: 'v1' })).toBe(false)
    expect(sameRelease(undefined, undefined)).toBe(false)
  })
})

describe('a strategy', () => {
  it('is in place where the platform updates by its own means, without slots', () => {
    expect((['canary', 'blue-green', 'rolling', 'recreate'] as const).filter(isInPlace)).toEqual([
      'rolling',
      'recreate',
    ])
  })
})
