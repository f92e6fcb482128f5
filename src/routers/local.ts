import type { Place, Side, Split } from '../rollout/place.js'
import type { Selector } from '../rollout/ports/platform.js'
import type {
  Capabilities,
  Router,
  RouterReading,
  RouterRevision,
  TesterHeader,
} from '../rollout/ports/router.js'

interface RouteCommands {
  attach: { given: { place: Place }; answer: null }
  readSplit: { given: Record<string, never>; answer: RouterReading }
  writeSplit: { given: { split: Split; ifMatch?: RouterRevision }; answer: { revision: RouterRevision } }
  effective: { given: { revision: RouterRevision }; answer: 'yes' | 'not-yet' | 'unknown' }
  healthy: { given: { place: Place }; answer: number }
  remaining: { given: { side: Side }; answer: number }
}

/** The way to the supervisor that forwards the requests; the control client of platform `local` is one. */
export interface RouteControl {
  request<Name extends keyof RouteCommands>(
    command: Name,
    given: RouteCommands[Name]['given'],
  ): Promise<RouteCommands[Name]['answer']>
  /** Answers `otherwise` where there never was a supervisor, and starts none. */
  read<Name extends keyof RouteCommands>(
    command: Name,
    given: RouteCommands[Name]['given'],
    otherwise: RouteCommands[Name]['answer'],
  ): Promise<RouteCommands[Name]['answer']>
}

/** The header by which a tester names a slot, whatever the weight. */
export const TESTER_HEADER = 'x-tuesday-slot'

/** The revision of a split that was never written: what a supervisor that is started for the first time has. */
const UNWRITTEN: RouterRevision = '0'

/**
 * The embedded platform's own router, inside its supervisor. A write has taken effect before it is answered: no
 * request begins on the old split afterwards, kept-alive connections included.
 */
export class LocalRouter implements Router {
  readonly name = 'local'
  readonly sides = 'slots'
  readonly can: Capabilities = {
    weights: 'any',
    sticky: true,
    header: true,
    mirror: false,
    status: true,
    conditional: true,
    websockets: true,
  }
  readonly #client: RouteControl

  constructor(client: RouteControl) {
    this.#client = client
  }

  async attach(place: Place): Promise<void> {
    await this.#client.request('attach', { place })
  }

  /** Starts no supervisor: where there never was one, nothing is routed. */
  read(): Promise<RouterReading> {
    return this.#client.read('readSplit', {}, { split: {}, revision: UNWRITTEN })
  }

  async write(split: Split, ifMatch?: RouterRevision): Promise<RouterRevision> {
    const condition = ifMatch === undefined ? {} : { ifMatch }
    const { revision } = await this.#client.request('writeSplit', { split, ...condition })
    return revision
  }

  effective(revision: RouterRevision): Promise<'yes' | 'not-yet' | 'unknown'> {
    return this.#client.read('effective', { revision }, revision === UNWRITTEN ? 'yes' : 'not-yet')
  }

  /** Replicas that answer their readiness check and that the router sends requests to. */
  healthy(place: Place): Promise<number> {
    return this.#client.read('healthy', { place }, 0)
  }

  /** Requests and websockets in flight, those of replicas that are being stopped included. */
  remaining(side: Side): Promise<number> {
    return this.#client.read('remaining', { side }, 0)
  }

  selectors(side: Side): Selector {
    return { slot: side }
  }

  testerHeader(side: Side): TesterHeader {
    return { name: TESTER_HEADER, value: side }
  }
}
