import { describe, expect, it } from '@jest/globals'
import { spacingOf } from '../../src/metrics/point-spacing.js'

describe('how far apart points come', () => {
  it.each([
    ['is the widest grid on which all lie', [0, 60, 120, 240], 60],
    ['is told of points in any order, and of several series', [240, 0, 120, 60, 60, 0], 60],
    ['is told wherever the grid begins', [20, 80, 200, 260], 60],
    ['is narrow where one point lies between', [0, 60, 120, 130], 10],
    ['is unknown of three points, which lie on a wide grid by chance', [0, 60, 120], undefined],
    ['is unknown of one moment, however many series have a point there', [60, 60, 60, 60], undefined],
    ['is unknown of nothing', [], undefined],
  ])('%s', (_, times, apart) => {
    expect(spacingOf(times)).toBe(apart)
  })
})
