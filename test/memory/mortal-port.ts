/** Thrown by every port of a process that was killed: it does nothing any more. */
export class Killed extends Error {
  constructor() {
    super('the process was killed')
    this.name = 'Killed'
  }
}

/** One process: counts its port calls, and dies before or after the call that a test names. */
export class MortalProcess {
  readonly #dieAt: number
  readonly #when: 'before' | 'after'
  readonly calls: string[] = []
  #dead = false

  /** @param dieAt number of the call, from 1; Infinity never dies */
  constructor(dieAt = Infinity, when: 'before' | 'after' = 'before') {
    this.#dieAt = dieAt
    this.#when = when
  }

  get died(): boolean {
    return this.#dead
  }

  /** A port of this process. Calls that stream or answer at once are not counted: they reach nobody. */
  wrap<Port extends object>(name: string, port: Port): Port {
    return new Proxy(port, {
      get: (target, key): unknown => {
        const member: unknown = Reflect.get(target, key)
        if (
          typeof member !== 'function' ||
          key === 'watch' ||
          key === 'selectors' ||
          key === 'testerHeader'
        ) {
          return typeof member === 'function'
            ? (...args: unknown[]): unknown => Reflect.apply(member, target, args)
            : member
        }
        return (...args: unknown[]): Promise<unknown> =>
          this.#call(`${name}.${String(key)}`, () => Reflect.apply(member, target, args))
      },
    })
  }

  async #call(what: string, work: () => unknown): Promise<unknown> {
    if (this.#dead) throw new Killed()
    this.calls.push(what)
    const last = this.calls.length === this.#dieAt
    if (last && this.#when === 'before') this.#die()
    const result = await work()
    if (last) this.#die()
    if (this.#dead) throw new Killed()
    return result
  }

  #die(): never {
    this.#dead = true
    throw new Killed()
  }
}
