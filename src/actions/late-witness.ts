import type { Testimony, VersionMark, Visitor, Witness } from '../rollout/ports/witness.js'

/** A witness that finds out whom to ask when it is asked first: most steps ask nobody. */
export class LateWitness implements Witness {
  readonly #publicUrl: () => Promise<URL>
  readonly #mark: VersionMark
  #opened: Promise<Witness> | undefined
  address = 'the public address'

  constructor(publicUrl: () => Promise<URL>, mark: VersionMark) {
    this.#publicUrl = publicUrl
    this.#mark = mark
  }

  async ask(as: Visitor, signal: AbortSignal): Promise<Testimony> {
    this.#opened ??= this.#open()
    return (await this.#opened).ask(as, signal)
  }

  async #open(): Promise<Witness> {
    const { HttpWitness } = await import('../witness/http-witness.js')
    const url = await this.#publicUrl()
    this.address = url.origin
    return new HttpWitness({ url, version: this.#mark })
  }
}
