import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Agent } from 'node:http'

import { ask, Client, each } from './client.js'
import { Stage } from './stage.js'

describe('requests go to the slots by weight', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await Stage.open()
    await stage.put('blue', 'v1')
    await stage.put('green', 'v2')
  })
  afterEach(() => stage.close())

  it('gives clients without cookies exactly the weight, within what chance allows', async () => {
    stage.split({ blue: 75, green: 25 })
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    const answers = await each(5_000, 16, () => ask(stage.port, { agent }))
    agent.destroy()
    const share = answers.filter(({ body }) => body === 'v2').length / answers.length
    // 4.9 standard deviations of 5,000 draws: one run in a million is red by chance.
    expect(Math.abs(share - 0.25)).toBeLessThan(0.03)
  })

  it('follows the weight within one kept-alive connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const seen: string[] = []
    for (const split of [
      { blue: 100, green: 0 },
      { blue: 0, green: 100 },
      { blue: 100, green: 0 },
    ]) {
      stage.split(split)
      seen.push((await ask(stage.port, { agent })).body)
    }
    agent.destroy()
    expect(seen).toEqual(['v1', 'v2', 'v1'])
  })

  it('moves a sticky client once in a rising plan, and brings everybody back at 0', async () => {
    const clients = Array.from({ length: 60 }, () => new Client(stage.port))
    const history = clients.map((): string[] => [])
    for (const weight of [0, 5, 25, 50, 80, 100, 0]) {
      stage.split({ blue: 100 - weight, green: weight })
      for (let round = 0; round < 3; round++) {
        const bodies = await Promise.all(clients.map((client) => client.ask()))
        bodies.forEach(({ body }, index) => history[index]?.push(body))
      }
    }
    clients.forEach((client) => client.close())
    for (const versions of history) {
      expect(versions.slice(0, 3)).toEqual(['v1', 'v1', 'v1'])
      expect(versions.slice(-6)).toEqual(['v2', 'v2', 'v2', 'v1', 'v1', 'v1'])
      expect(changes(versions)).toBe(2)
    }
  })

  it('bounces nobody over two rollouts with swapped roles', async () => {
    const clients = Array.from({ length: 60 }, () => new Client(stage.port))
    const history = clients.map((): string[] => [])
    const look = async (): Promise<void> => {
      const bodies = await Promise.all(clients.map((client) => client.ask()))
      bodies.forEach(({ body }, index) => history[index]?.push(body))
    }
    for (const green of [0, 25, 50, 75, 100]) {
      stage.split({ blue: 100 - green, green })
      await look()
    }
    await stage.put('blue', 'v3')
    for (const blue of [0, 25, 50, 75, 100]) {
      stage.split({ green: 100 - blue, blue })
      await look()
    }
    clients.forEach((client) => client.close())
    for (const versions of history) {
      expect([...new Set(versions)]).toEqual(['v1', 'v2', 'v3'])
      expect(changes(versions)).toBe(2)
    }
    // Somebody moved at an early step and somebody at a late one, in either rollout.
    expect(new Set(history.map((versions) => versions.indexOf('v2'))).size).toBeGreaterThan(2)
    expect(new Set(history.map((versions) => versions.indexOf('v3'))).size).toBeGreaterThan(2)
  })

  it('puts the client with bucket b on the candidate while b < weight × 100', async () => {
    stage.split({ blue: 100, green: 0 })
    stage.split({ blue: 99.5, green: 0.5 })
    const version = async (bucket: number | string): Promise<string> =>
      (await ask(stage.port, { headers: { cookie: `a=b; tuesday-bucket=${bucket}` } })).body
    expect([await version(0), await version(49), await version(50), await version(9_999)]).toEqual([
      'v2',
      'v2',
      'v1',
      'v1',
    ])
  })

  it('gives a bucket to a client without one and to one whose cookie is none, and to nobody else', async () => {
    stage.split({ blue: 100, green: 0 })
    const cookie = async (headers: Record<string, string>): Promise<string[] | undefined> =>
      (await ask(stage.port, { headers })).headers['set-cookie']
    for (const headers of [
      {},
      { cookie: 'tuesday-bucket=10000' },
      { cookie: 'tuesday-bucket=1x' },
      { cookie: 'not-tuesday-bucket=7' },
      { cookie: 'tuesday-bucket=' },
    ]) {
      expect(await cookie(headers)).toEqual([
        expect.stringMatching(/^tuesday-bucket=\d{1,4}; Path=\/; Max-Age=/),
      ])
    }
    expect(await cookie({ cookie: 'tuesday-bucket=9999' })).toBeUndefined()
    expect(await cookie({ 'x-tuesday-slot': 'blue' })).toBeUndefined()
  })

  it('brings a tester to a side whatever the weight', async () => {
    stage.split({ blue: 100, green: 0 })
    expect((await ask(stage.port, { headers: { 'X-Tuesday-Slot': 'green' } })).body).toBe('v2')
    expect((await ask(stage.port, { headers: { 'X-Tuesday-Slot': 'blue' } })).body).toBe('v1')
    stage.forwarder.setReplicas('green', [])
    expect((await ask(stage.port, { headers: { 'X-Tuesday-Slot': 'green' } })).body).toBe('v1')
  })

  it('keeps a restored split on the side that it was counted from', async () => {
    const low = { headers: { cookie: 'tuesday-bucket=100' } }
    stage.split({ blue: 0, green: 100 })
    stage.split({ blue: 75, green: 25 })
    expect((await ask(stage.port, low)).body).toBe('v1')
    const { split, candidate } = stage.forwarder.splitState
    expect(candidate).toBe('blue')
    const restarted = await Stage.open()
    await restarted.put('blue', 'v1')
    await restarted.put('green', 'v2')
    restarted.forwarder.setSplit(split, candidate)
    expect((await ask(restarted.port, low)).body).toBe('v1')
    await restarted.close()
  })

  it('refuses a split that leaves requests without a place', () => {
    expect(() => stage.split({ blue: 50, green: 25 })).toThrow(/sum to 100/)
    expect(stage.forwarder.splitState.split).toEqual({})
  })

  it('names a new revision for each split that differs, and only for those', () => {
    const { forwarder } = stage
    stage.split({ blue: 100, green: 0 })
    const first = forwarder.splitState.revision
    stage.split({ blue: 100 })
    expect(forwarder.splitState.revision).toBe(first)
    stage.split({ blue: 99, green: 1 })
    expect(forwarder.splitState.revision).not.toBe(first)
  })
})

describe('a header decides the bucket', () => {
  it('keeps a user on one side without a cookie, and spreads users evenly', async () => {
    const stage = await Stage.open({ bucketHeader: 'X-User' })
    await stage.put('blue', 'v1')
    await stage.put('green', 'v2')
    stage.split({ blue: 100, green: 0 })
    stage.split({ blue: 70, green: 30 })
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    const version = async (user: number): Promise<string> =>
      (await ask(stage.port, { agent, headers: { 'x-user': `user-${user}` } })).body
    const first = await each(2_000, 16, version)
    expect(await each(2_000, 16, version)).toEqual(first)
    agent.destroy()
    const share = first.filter((body) => body === 'v2').length / first.length
    expect(Math.abs(share - 0.3)).toBeLessThan(0.05)
    await stage.close()
  })
})

function changes(versions: readonly string[]): number {
  return versions.filter((version, index) => index > 0 && version !== versions[index - 1]).length
}
