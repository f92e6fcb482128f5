import { isIP } from 'node:net'
import { endianness } from 'node:os'

const EVERY_ADDRESS = ['0.0.0.0', '[::]']

/**
 * Whether a socket that listens at an address of the kernel's tables stands in the way of one at `host`: the same
 * address, or every one of the machine on either side. True for a name, whose addresses are not known here.
 *
 * @param local 8 hexadecimal digits for IPv4, 32 for IPv6, in words of the machine's byte order (https://docs.kernel.org/networking/proc_net_tcp.html)
 */
export function standsInTheWay(host: string, local: string): boolean {
  const wanted = canonical(host)
  if (wanted === undefined) return true
  const there = addressOf(local)
  return wanted === there || EVERY_ADDRESS.includes(wanted) || EVERY_ADDRESS.includes(there)
}

/** One spelling for each address; undefined for what is none. */
function canonical(host: string): string | undefined {
  const kind = isIP(host)
  if (kind === 4) return host
  return kind === 6 ? withoutMapping(new URL(`http://[${host}]`).hostname) : undefined
}

function addressOf(local: string): string {
  const words = local.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => {
    const inMemory = [...Buffer.from(word, 'hex')]
    return endianness() === 'LE' ? inMemory.reverse() : inMemory
  })
  if (bytes.length === 4) return bytes.join('.')
  const groups = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? []
  return withoutMapping(new URL(`http://[${groups.join(':')}]`).hostname)
}

/** An IPv4 address in the clothes of IPv6 is that IPv4 address. */
function withoutMapping(address: string): string {
  const [, high = '', low = ''] = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(address) ?? []
  if (high === '') return address
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [first >> 8, first & 255, second >> 8, second & 255].join('.')
}
