import { describe, expect, it } from '@jest/globals'
import { TIMELINE_LIMIT, withEntry, type TimelineEntry } from '../../src/rollout/timeline.js'

describe('a timeline', () => {
  it('keeps how it began and what came last, however long a rollout takes', () => {
    let timeline: readonly TimelineEntry[] = []
    for (let i = 0; i < 500; i++) timeline = withEntry(timeline, { at: `${i}`, what: `entry ${i}` })
    expect(timeline).toHaveLength(TIMELINE_LIMIT)
    expect(timeline.slice(0, 10).map(({ at }) => at)).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`))
    expect(timeline.slice(10).map(({ at }) => at)).toEqual(
      Array.from({ length: TIMELINE_LIMIT - 10 }, (_, i) => `${450 + i}`),
    )
  })

  it('drops nothing while there is room', () => {
    let timeline: readonly TimelineEntry[] = []
    for (let i = 0; i < TIMELINE_LIMIT; i++) timeline = withEntry(timeline, { at: `${i}`, what: '' })
    expect(timeline.map(({ at }) => Number(at))).toEqual(Array.from({ length: TIMELINE_LIMIT }, (_, i) => i))
  })
})
