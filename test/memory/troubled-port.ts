import { TransientError } from '../../src/rollout/ports/transient-error.js'
import { UserError } from '../../src/rollout/user-error.js'

/**
 * What goes wrong at one port call. `not answered`: the target refuses once, nothing took effect. `answer lost`: it
 * took effect, and once nobody hears of it. `refused`: it fails for good. `outage`: from this call on nothing answers.
 */
export type Trouble = 'not answered' | 'answer lost' | 'refused' | 'outage'

/** One process whose port calls are counted, and of which one meets trouble. */
export class TroubledProcess {
  readonly #troubleAt: number
  readonly #trouble: Trouble
  readonly calls: string[] = []
  met = false

  /** @param troubleAt number of the call, from 1; Infinity meets no trouble */
  constructor(troubleAt = Infinity, trouble: Trouble = 'not answered') {
    this.#troubleAt = troubleAt
    this.#trouble = trouble
  }

  /** A port of this process. Calls that stream or answer at once are not counted: they reach nobody. */
  wrap<Port extends object>(name: string, port: Port): Port {
    const atOnce = new Set<string | symbol>(['watch', 'selectors', 'testerHeader'])
    return new Proxy(port, {
      get: (target, key): unknown => {
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        const apply = (args: unknown[]): unknown => Reflect.apply(member, target, args)
        if (atOnce.has(key)) return (...args: unknown[]): unknown => apply(args)
        return (...args: unknown[]): Promise<unknown> =>
          this.#call(`${name}.${String(key)}`, () => apply(args))
      },
    })
  }

  async #call(what: string, work: () => unknown): Promise<unknown> {
    this.calls.push(what)
    const here = this.calls.length === this.#troubleAt
    if (!here && !(this.met && this.#trouble === 'outage')) return work()
    this.met = true
    if (this.#trouble === 'refused') throw new UserError(`${what}: 403 forbidden`)
    if (this.#trouble === 'answer lost') await work()
    throw new TransientError(`${what}: 503`)
  }
}
