import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { withFigures } from '../../bench/analysis/record.ts'
import { targets } from '../../bench/analysis/targets.ts'

const page = readFileSync('docs/analysis-benchmark.md', 'utf8')

describe('the page of the analysis benchmark', () => {
  it('takes new figures in the place of the old ones, as often as one likes', () => {
    const once = withFigures(page, 'Figures of today.', '2026-03-04')
    expect(once).toContain('Taken on 2026-03-04. Figures of today.\n')
    expect(withFigures(once, 'Others.', '2026-03-05')).not.toContain('Figures of today.')
    expect(withFigures(withFigures(once, 'Others.', '2026-03-05'), 'Figures of today.', '2026-03-04')).toBe(
      once,
    )
  })

  it('says so where it has no place for them', () => {
    expect(() => withFigures('# Another page', 'Figures', '2026-03-04')).toThrow(
      'has no place for the figures',
    )
  })

  it('states the targets that the benchmark holds the judge to', () => {
    const { medianSeconds, p95Seconds, falseFail } = targets
    expect(page).toContain(`${medianSeconds['0.1%'].join(' / ')} s`)
    expect(page).toContain(`${medianSeconds['1%'].join(' / ')} s`)
    expect(page).toContain(`${[p95Seconds['0.5'], p95Seconds['1']].join(' / ')} s`)
    expect(page).toContain(`| ${100 * falseFail} % `)
  })
})
