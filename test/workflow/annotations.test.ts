import { afterEach, describe, expect, it } from '@jest/globals'
import { Annotations } from '../../src/workflow/annotations.js'
import { Masks } from '../../src/workflow/masks.js'
import { captured } from './captured-log.js'

afterEach(() => {
  process.exitCode = 0
})

const annotations = (): Annotations => {
  const masks = new Masks(() => undefined)
  masks.add('the input token', 's3cret-value')
  return new Annotations(masks)
}

const of = (kind: string, lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith(`::${kind}::`))

describe('annotations', () => {
  it.each([
    [1, 1],
    [9, 9],
    [10, 10],
    [11, 10],
    [500, 10],
  ])('%i notices are %i annotations, and none is lost (trap 36)', async (given, kept) => {
    await captured((log) => {
      const all = annotations()
      for (let i = 1; i <= given; i++) all.notice(`news ${i}.`)
      all.close()
      expect(of('notice', log.lines())).toHaveLength(kept)
      for (let i = 1; i <= given; i++) expect(log.text()).toContain(`news ${i}.`)
      if (given > 10) expect(log.lines().at(-1)).toContain(`and ${given - 9} more`)
    })
  })

  it('errors leave room for the failure itself (trap 36)', async () => {
    await captured((log) => {
      const all = annotations()
      for (let i = 1; i <= 30; i++) all.error(`error ${i}`)
      all.close()
      all.fail('it failed')
      expect(of('error', log.lines())).toHaveLength(10)
      expect(log.lines().at(-1)).toBe('::error::it failed')
    })
  })

  it('kinds are counted apart, and nothing is said twice', async () => {
    await captured((log) => {
      const all = annotations()
      for (let i = 1; i <= 10; i++) all.notice(`n${i}`)
      all.warning('w')
      all.close()
      all.close()
      expect(of('warning', log.lines())).toEqual(['::warning::w'])
      expect(of('notice', log.lines())).toHaveLength(10)
    })
  })

  it('messages are cut where GitHub would cut them without a word (trap 36)', async () => {
    await captured((log) => {
      annotations().warning('x'.repeat(20_000))
      const message = log.lines()[0]?.slice('::warning::'.length) ?? ''
      expect(message.length).toBeLessThanOrEqual(4_096)
      expect(message).toContain('20000 characters in all')
    })
  })

  it('contain no secret and are one command each, whatever is in them', async () => {
    await captured((log) => {
      annotations().warning('s3cret\u0000-value\n::set-output name=x::y\r::error::z')
      expect(log.lines()).toHaveLength(1)
      expect(log.text()).not.toContain('s3cret-value')
      expect(log.text()).toContain('***')
    })
  })

  it('a failure makes the exit code 1', async () => {
    await captured(() => {
      annotations().fail('no')
      expect(process.exitCode).toBe(1)
    })
  })
})
