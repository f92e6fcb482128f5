import { randomBytes } from 'node:crypto'

/**
 * 160 bits in letters and digits: it must survive every mask that a repository may have (trap 35). The build takes
 * `randomBytes` from the system without loading the rest of node:crypto, if it is imported like this
 * (scripts/dist/on-first-use.js).
 */
export function randomId(): string {
  return BigInt(`0x${randomBytes(20).toString('hex')}`).toString(36)
}
