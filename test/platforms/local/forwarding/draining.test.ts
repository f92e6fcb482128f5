import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'

import { ask, each } from './client.js'
import { bodyOf, ReplicaServer } from './replica-server.js'
import { Stage } from './stage.js'

/** A replica that answers `/slow` when it is told to. */
class Gate {
  private readonly open: ServerResponse[] = []
  private readonly waiting: (() => void)[] = []

  readonly listener: RequestListener = (asked, response) => {
    if (asked.url !== '/slow') {
      response.end('fast')
      return
    }
    this.open.push(response)
    for (const arrived of this.waiting.splice(0)) arrived()
  }

  async holds(count: number): Promise<void> {
    while (this.open.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  release(): void {
    for (const response of this.open.splice(0)) response.end('slow')
  }
}

describe('draining', () => {
  let stage: Stage
  let gate: Gate
  beforeEach(async () => {
    stage = await Stage.open()
    gate = new Gate()
  })
  afterEach(() => stage.close())

  it('finishes a request where it began, whatever the weight has become', async () => {
    await stage.put('blue', 'v1', gate.listener)
    await stage.put('green', 'v2')
    stage.split({ blue: 100, green: 0 })
    const slow = ask(stage.port, { path: '/slow' })
    await gate.holds(1)
    stage.split({ blue: 0, green: 100 })
    expect((await ask(stage.port)).body).toBe('v2')
    expect([stage.forwarder.remaining('blue'), stage.forwarder.remaining('green')]).toEqual([1, 0])
    gate.release()
    expect((await slow).body).toBe('slow')
    expect(stage.forwarder.remaining('blue')).toBe(0)
  })

  it('lets go of a replica when its last request is done, and sends it none meanwhile', async () => {
    const old = await stage.put('blue', 'v1', gate.listener)
    stage.split({ blue: 100, green: 0 })
    const slow = [
      ask(stage.port, { path: '/slow' }),
      ask(stage.port, { path: '/slow', method: 'POST', body: 'x' }),
    ]
    await gate.holds(2)
    const next = await stage.replica('next', 'v1b')
    stage.forwarder.setReplicas('blue', [old, next])
    let gone = false
    const letGo = stage.forwarder.letGo(old.id, 10_000).then((result) => {
      gone = true
      return result
    })
    const before = old.seen.length
    const bodies = await each(50, 5, async () => (await ask(stage.port)).body)
    expect(new Set(bodies)).toEqual(new Set(['v1b']))
    expect(old.seen.length).toBe(before)
    expect(gone).toBe(false)
    gate.release()
    expect(await letGo).toEqual({ cut: 0 })
    expect((await Promise.all(slow)).map(({ body }) => body)).toEqual(['slow', 'slow'])
  })

  it('keeps out a replica that was let go, even if it is called ready once more', async () => {
    const old = await stage.put('blue', 'v1')
    stage.split({ blue: 100, green: 0 })
    await stage.forwarder.letGo(old.id, 1_000)
    stage.forwarder.setReplicas('blue', [old])
    expect(stage.forwarder.ready('blue')).toBe(0)
    expect((await ask(stage.port)).status).toBe(503)
  })

  it('closes idle connections to a replica that it lets go', async () => {
    const old = await stage.put('blue', 'v1')
    stage.split({ blue: 100, green: 0 })
    await each(10, 5, () => ask(stage.port))
    expect(old.connections).toBeGreaterThan(0)
    await stage.forwarder.letGo(old.id, 1_000)
    await old.noConnections()
  })

  it('cuts what is not done at the deadline, says how much, and the clients learn of it', async () => {
    const old = await stage.put('blue', 'v1', gate.listener)
    stage.split({ blue: 100, green: 0 })
    const slow = [ask(stage.port, { path: '/slow' }), ask(stage.port, { path: '/slow' })]
    await gate.holds(2)
    expect(await stage.forwarder.letGo(old.id, 50)).toEqual({ cut: 2 })
    const answers = await Promise.all(slow)
    expect(answers.map(({ status }) => status)).toEqual([502, 502])
    expect(stage.forwarder.remaining('blue')).toBe(0)
  })

  it('has nothing to cut of a replica that it does not know', async () => {
    expect(await stage.forwarder.letGo('nobody', 1_000)).toEqual({ cut: 0 })
  })

  it('loses nothing while replicas are replaced under load, one after the other', async () => {
    let current = await stage.put('blue', 'v0')
    stage.split({ blue: 100, green: 0 })
    const posted: string[] = []
    const answer = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
      if (asked.method === 'POST') posted.push(await bodyOf(asked))
      response.end('ok')
    }
    const listener: RequestListener = (asked, response) => void answer(asked, response)
    current.server.removeAllListeners('request').on('request', listener)
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    let running = true
    let sent = 0
    const load = each(8, 8, async (worker) => {
      const failures: string[] = []
      for (let turn = 0; running; turn++) {
        const id = `${worker}-${turn}`
        const how = turn % 2 === 0 ? { agent } : {}
        const what = turn % 4 < 2 ? { method: 'POST', body: id } : {}
        const problem = await ask(stage.port, { ...how, ...what }).then(
          ({ status }) => (status === 200 ? undefined : `${id}: ${status}`),
          (error: Error) => `${id}: ${error.message}`,
        )
        if (problem !== undefined) failures.push(problem)
        sent++
      }
      return failures
    })
    try {
      for (let generation = 1; generation <= 12; generation++) {
        const next = await ReplicaServer.start(`g${generation}`, `v${generation}`, listener)
        stage.forwarder.setReplicas('blue', [next])
        expect(await stage.forwarder.letGo(current.id, 5_000)).toEqual({ cut: 0 })
        await current.kill()
        const target = sent + 100
        while (sent < target) await new Promise((resolve) => setImmediate(resolve))
        current = next
      }
    } finally {
      running = false
    }
    expect((await load).flat()).toEqual([])
    agent.destroy()
    await current.kill()
    expect(new Set(posted).size).toBe(posted.length)
    expect(sent).toBeGreaterThan(1_000)
  })

  it('ends everything when it is closed', async () => {
    await stage.put('blue', 'v1', gate.listener)
    stage.split({ blue: 100, green: 0 })
    const sent = request({ port: stage.port, path: '/slow' }).end()
    const ended = Promise.race([once(sent, 'error'), once(sent, 'response')])
    await gate.holds(1)
    await stage.forwarder.close()
    const [first] = (await ended) as [Error | IncomingMessage]
    expect(first instanceof Error || first.statusCode === 502).toBe(true)
    await expect(ask(stage.port)).rejects.toThrow(/ECONNREFUSED/)
  })
})
