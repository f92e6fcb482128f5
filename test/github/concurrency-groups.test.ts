import { describe, expect, it } from '@jest/globals'
import { ConcurrencyGroups, type Place } from './concurrency-groups.ts'

type Rule = Parameters<ConcurrencyGroups['join']>[0]

function group(rule: Partial<Rule> = {}): { enter: (name: string) => Place; log: string[] } {
  const groups = new ConcurrencyGroups()
  const log: string[] = []
  const enter = (name: string): Place =>
    groups.join({ group: 'shop', cancelInProgress: false, queue: 'single', ...rule }, () =>
      log.push(`${name} displaced`),
    )
  return { enter, log }
}

describe('a concurrency group', () => {
  it('trap 39: has one place to run and one to wait', async () => {
    const { enter, log } = group()
    const first = enter('first')
    expect(await first.start()).toBe(true)
    const second = enter('second').start()
    const third = enter('third')
    expect(await second).toBe(false)
    expect(log).toEqual(['second displaced'])
    const started = third.start()
    first.leave()
    expect(await started).toBe(true)
  })

  it('trap 39: lets a hundred wait in order with queue: max', async () => {
    const { enter, log } = group({ queue: 'max' })
    const first = enter('first')
    await first.start()
    const places = Array.from({ length: 101 }, (_, at) => enter(`waiting ${at}`))
    expect(log).toEqual(['waiting 0 displaced'])
    const order: number[] = []
    const all = places.map(async (place, at) => {
      if (!(await place.start())) return
      order.push(at)
      place.leave()
    })
    first.leave()
    await Promise.all(all)
    expect(order).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
  })

  it('trap 38: gives the waiting place to a job that waits for approval and does not start yet', async () => {
    const { enter, log } = group()
    const approving = enter('approving')
    const next = enter('next')
    expect(log).toEqual(['approving displaced'])
    expect(await approving.start()).toBe(false)
    expect(await next.start()).toBe(true)
  })

  it('cancels who runs when it is told to', async () => {
    const { enter, log } = group({ cancelInProgress: true })
    const first = enter('first')
    await first.start()
    const second = enter('second').start()
    expect(log).toEqual(['first displaced'])
    first.leave()
    expect(await second).toBe(true)
  })
})
