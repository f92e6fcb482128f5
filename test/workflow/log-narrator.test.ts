import { describe, expect, it } from '@jest/globals'
import { Annotations } from '../../src/workflow/annotations.js'
import { LogNarrator } from '../../src/workflow/log-narrator.js'
import { Masks } from '../../src/workflow/masks.js'
import { VirtualClock } from '../memory/virtual-clock.js'
import { captured } from './captured-log.js'

const narrating = (): { narrator: LogNarrator; clock: VirtualClock } => {
  const clock = new VirtualClock()
  const masks = new Masks(() => undefined)
  masks.add('the input token', 's3cret-value')
  return { clock, narrator: new LogNarrator(clock, masks, new Annotations(masks)) }
}

describe('narration', () => {
  it('a wait says what for and how long at most, and gives a sign of life every 10 s (trap 28)', async () => {
    await captured(async (log) => {
      const { narrator, clock } = narrating()
      const wait = narrator.waiting('v2 to become ready in green', 300_000)
      await clock.sleep(35_000)
      wait.done()
      expect(log.lines()).toEqual([
        'Waiting for v2 to become ready in green, at most 5m',
        '  10s of at most 5m: still waiting for v2 to become ready in green',
        '  20s of at most 5m: still waiting for v2 to become ready in green',
        '  30s of at most 5m: still waiting for v2 to become ready in green',
        '  waited 35s',
      ])
    })
  })

  it('progress is shown when it changes, and the last one with the sign of life', async () => {
    await captured(async (log) => {
      const { narrator, clock } = narrating()
      const wait = narrator.waiting('replicas', 60_000)
      await clock.sleep(2_000)
      wait.progress('1 of 3 ready')
      wait.progress('1 of 3 ready')
      await clock.sleep(2_000)
      wait.progress('1 of 3 ready')
      wait.progress('2 of 3 ready')
      await clock.sleep(11_000)
      wait.done()
      expect(log.lines().slice(1)).toEqual([
        '  2s of at most 1m: 1 of 3 ready',
        '  4s of at most 1m: 2 of 3 ready',
        '  14s of at most 1m: 2 of 3 ready',
        '  waited 15s: 2 of 3 ready',
      ])
    })
  })

  it('progress that changes 200 times a second does not flood the log', async () => {
    await captured(async (log) => {
      const { narrator, clock } = narrating()
      const wait = narrator.waiting('answers', 60_000)
      for (let i = 0; i < 2_000; i++) {
        await clock.sleep(5)
        wait.progress(`${i} answers`)
      }
      wait.done()
      expect(log.lines().length).toBeLessThanOrEqual(13)
      expect(log.lines().at(-1)).toContain('1999 answers')
    })
  })

  it('a wait that is over says no more, nor keeps anything alive', async () => {
    await captured(async (log) => {
      const { narrator, clock } = narrating()
      const wait = narrator.waiting('nothing', 60_000)
      narrator.close()
      wait.done()
      wait.progress('late')
      await clock.sleep(60_000)
      expect(log.lines()).toEqual(['Waiting for nothing, at most 1m', '  waited 0s'])
    })
  })

  it('a phase is a group, and ends when the next begins: GitHub knows no groups in groups', async () => {
    await captured((log) => {
      const { narrator } = narrating()
      narrator.phase('Reading')
      narrator.say('read')
      narrator.phase('Placing')
      narrator.close()
      narrator.close()
      expect(log.lines()).toEqual([
        '::group::Reading',
        'read',
        '::endgroup::',
        '::group::Placing',
        '::endgroup::',
      ])
    })
  })

  it('a wait that nobody ended is told inside of its phase', async () => {
    await captured((log) => {
      const { narrator } = narrating()
      narrator.phase('Placing')
      narrator.waiting('v2 to become ready', 60_000)
      narrator.endPhase()
      expect(log.lines().slice(-2)).toEqual(['  waited 0s', '::endgroup::'])
    })
  })

  it('nothing that is said contains a secret or commands the runner', async () => {
    await captured((log) => {
      const { narrator } = narrating()
      narrator.say('s3cret-value\n::set-output name=a::b')
      narrator.phase('x\n::endgroup::')
      narrator.waiting('s3cret-value\n::error::x', 1_000)
      narrator.close()
      expect(log.text()).not.toContain('s3cret-value')
      const commands = log.lines().filter((line) => /^\s*::/.test(line))
      expect(commands).toEqual(['::group::x : :endgroup::', '::endgroup::'])
    })
  })

  it('notices and warnings are annotations', async () => {
    await captured((log) => {
      const { narrator } = narrating()
      narrator.notice('one')
      narrator.warn('two')
      expect(log.lines()).toEqual(['::notice::one', '::warning::two'])
    })
  })
})
