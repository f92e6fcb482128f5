import type { RequestListener } from 'node:http'

import { createForwarder } from '../../../../src/platforms/local/forwarding/create-forwarder.js'
import type { Forwarder, ForwarderSettings } from '../../../../src/platforms/local/forwarding/forwarder.js'
import type { Place, Split } from '../../../../src/rollout/place.js'
import { parseWeight } from '../../../../src/rollout/weight.js'
import { ReplicaServer } from './replica-server.js'

/** A forwarder with real replicas behind it; `close` ends all of it. */
export class Stage {
  readonly forwarder: Forwarder
  port = 0
  private readonly replicas: ReplicaServer[] = []

  private constructor(settings: Partial<ForwarderSettings>) {
    this.forwarder = createForwarder({
      host: '127.0.0.1',
      cookieName: 'tuesday-bucket',
      testerHeader: 'x-tuesday-slot',
      ...settings,
    })
  }

  static async open(settings: Partial<ForwarderSettings> = {}): Promise<Stage> {
    const stage = new Stage(settings)
    stage.port = await stage.forwarder.listen(0)
    return stage
  }

  /** Starts a replica without putting it into a place. */
  async replica(id: string, version: string, listener?: RequestListener): Promise<ReplicaServer> {
    const replica = await ReplicaServer.start(id, version, listener)
    this.replicas.push(replica)
    return replica
  }

  /** Puts one new replica, and it alone, into a place. */
  async put(place: Place, version: string, listener?: RequestListener): Promise<ReplicaServer> {
    const replica = await this.replica(`${place}-${version}-${this.replicas.length}`, version, listener)
    this.forwarder.setReplicas(place, [replica])
    return replica
  }

  split(weights: Partial<Record<Place, number>>): void {
    this.forwarder.setSplit(splitOf(weights))
  }

  async close(): Promise<void> {
    await this.forwarder.close()
    await Promise.all(this.replicas.filter((replica) => replica.server.listening).map((one) => one.kill()))
  }
}

export function splitOf(weights: Partial<Record<Place, number>>): Split {
  return Object.fromEntries(Object.entries(weights).map(([place, weight]) => [place, parseWeight(weight)]))
}
