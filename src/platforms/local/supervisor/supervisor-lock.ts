import { NumberedFiles } from '../numbered-files.js'
import { isAlive, processStart } from './process-identity.js'

interface Holder {
  readonly pid: number
  readonly start: string
  readonly released?: true
}

/**
 * One supervisor for each state directory. The holder is written down with id and start time, so that the lock of a
 * killed one is seen to be free, and taking it is a compare-and-swap, so that of many who see that one gets it.
 * (Binding the control socket decides nothing: the file of a killed supervisor must be removed first, and two who
 * remove it would each remove the other's.)
 */
export class SupervisorLock {
  readonly #files: NumberedFiles
  #held: number | undefined
  readonly #holder: Holder = { pid: process.pid, start: processStart(process.pid) ?? '' }

  constructor(directory: string) {
    this.#files = new NumberedFiles(directory, 'supervisor')
  }

  /** Names the present state of the lock if nobody holds it, for a later `acquire`; undefined if somebody does. */
  get free(): number | undefined {
    const latest = this.#files.latest()
    if (latest === undefined) return 0
    return isHeld(latest.text) ? undefined : latest.number
  }

  /**
   * Takes it if it is still in the state that was seen to be free: one who was started then, and comes late, must not take
   * what was held and given back in the meantime.
   */
  acquire(seen: number): boolean {
    if (this.free !== seen) return false
    this.#held = this.#files.append(JSON.stringify(this.#holder), seen)
    return this.#held !== undefined
  }

  /** Whether it is still ours: the state directory may have been removed under us, and another one begun at the same number. */
  get held(): boolean {
    if (this.#held === undefined) return false
    const latest = this.#files.latest()
    return latest?.number === this.#held && latest.text === JSON.stringify(this.#holder)
  }

  /** Gives back what is ours only: never another's. */
  release(): void {
    if (this.#held !== undefined && this.held)
      this.#files.append(JSON.stringify({ ...this.#holder, released: true }), this.#held)
    this.#held = undefined
  }
}

function isHeld(text: string): boolean {
  const holder = JSON.parse(text) as Holder
  return holder.released !== true && isAlive(holder.pid, holder.start)
}
