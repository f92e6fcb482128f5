import { PROTOCOL, type CommandName, type Commands, type Welcome } from '../control/protocol.js'
import { TransientError } from '../../../rollout/ports/transient-error.js'
import { UserError } from '../../../rollout/user-error.js'
import type { Forwarder } from '../forwarding/forwarder.js'
import { STREAMING, type ControlHandler } from './control-server.js'
import type { Listening } from './listening.js'
import type { Places } from './places.js'
import type { RoutedSplit } from './routed-split.js'

/** What the commands act on. */
export interface Parts {
  readonly places: Places
  readonly split: RoutedSplit
  readonly listening: Listening
  readonly forwarder: Forwarder
  /** Begins to drain and stop everything, the supervisor itself last. */
  shutdown(): void
}

type Stream = Parameters<ControlHandler['handle']>[1]

type Handlers = {
  [Name in CommandName]: (
    given: Commands[Name]['given'],
    stream: Stream,
  ) => Promise<Commands[Name]['answer'] | typeof STREAMING> | Commands[Name]['answer'] | typeof STREAMING
}

/** Every command of the protocol, carried out on the parts of a supervisor. */
export function commandsOn(parts: Parts): ControlHandler {
  const handlers: Handlers = { ...placeCommands(parts), ...routeCommands(parts), ...lifeCommands(parts) }
  return {
    async handle(request, stream) {
      const handler = handlers[request.command] as ((given: unknown, stream: Stream) => unknown) | undefined
      if (handler === undefined)
        throw new Error(`the command ${JSON.stringify(request.command)} is not known`)
      if (parts.places.stopping) throw new TransientError('The local supervisor is being stopped')
      return handler(request.given, stream)
    },
  }
}

function placeCommands({
  places,
}: Parts): Pick<
  Handlers,
  'provide' | 'place' | 'progress' | 'observe' | 'watch' | 'lastWords' | 'scale' | 'retire' | 'releasesInUse'
> {
  return {
    provide: ({ values }) => {
      places.provide(values)
      return null
    },
    place: ({ place, release, fresh }) => places.place(place, release, fresh) ?? null,
    progress: ({ place, attempt }) => places.progress(place, attempt),
    observe: () => places.observe(),
    watch: ({ place }, { each, signal }) => {
      let told = ''
      const tell = (): void => {
        const health = places.health(place)
        const text = JSON.stringify(health)
        if (text !== told) each(health)
        told = text
      }
      const unwatch = places.watch(place, tell)
      signal.addEventListener('abort', unwatch, { once: true })
      tell()
      return STREAMING
    },
    lastWords: ({ place }) => places.lastWords(place),
    scale: ({ place, replicas }) => {
      places.scale(place, replicas)
      return null
    },
    retire: async ({ place }) => {
      await places.retire(place)
      return null
    },
    releasesInUse: () => places.releasesInUse,
  }
}

function routeCommands({
  split,
  forwarder,
}: Parts): Pick<
  Handlers,
  | 'attach'
  | 'readSplit'
  | 'writeSplit'
  | 'effective'
  | 'healthy'
  | 'remaining'
  | 'counts'
  | 'metrics'
  | 'time'
> {
  return {
    attach: ({ place }) => {
      split.attach(place)
      return null
    },
    readSplit: () => split.read(),
    writeSplit: ({ split: wanted, ifMatch }) => ({ revision: split.write(wanted, ifMatch) }),
    effective: ({ revision }) => split.effective(revision),
    healthy: ({ place }) => forwarder.ready(place),
    // Variants of a flag are not ours; nothing of them is ever in flight here.
    remaining: ({ side }) => (side === 'off' || side === 'on' ? 0 : forwarder.remaining(side)),
    counts: (query) => forwarder.counts(query),
    metrics: () => forwarder.prometheus(),
    time: () => Date.now(),
  }
}

function lifeCommands({ places, listening, shutdown }: Parts): Pick<Handlers, 'hello' | 'shutdown'> {
  return {
    hello: async ({ protocol, network }): Promise<Welcome> => {
      if (protocol !== PROTOCOL) throw otherProtocol(protocol)
      const addresses = await listening.open(network)
      return { protocol: PROTOCOL, pid: process.pid, addresses, missing: places.missing }
    },
    shutdown: () => {
      shutdown()
      return null
    },
  }
}

function otherProtocol(asked: number): UserError {
  return new UserError(`The local supervisor that runs speaks protocol ${PROTOCOL}, this action ${asked}`, {
    hint: 'They are of different versions. Stop the supervisor (`node dist/local-supervisor.js stop --directory …`): the next step starts its own, and what was placed again.',
  })
}
