import { describe, expect, it } from '@jest/globals'
import { endianness } from 'node:os'
import { standsInTheWay } from '../../../src/platforms/local/kernel-address.js'

/** An address as the kernel's tables of this machine have it: words of its own byte order. */
function inTables(bytes: readonly number[]): string {
  const words = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.slice(at * 4, at * 4 + 4))
  return words
    .map((word) => Buffer.from(endianness() === 'LE' ? word.toReversed() : word).toString('hex'))
    .join('')
    .toUpperCase()
}
const v6 = (first: number, ...last: number[]): string =>
  inTables([first, ...Array<number>(15 - last.length).fill(0), ...last])
const LOOPBACK = inTables([127, 0, 0, 1])
const MAPPED_LOOPBACK = inTables([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1])

describe('a socket that listens on the wanted port', () => {
  it.each([
    ['127.0.0.1', LOOPBACK],
    ['127.0.0.1', MAPPED_LOOPBACK],
    ['::ffff:127.0.0.1', LOOPBACK],
    ['::1', v6(0, 1)],
    ['0:0:0:0:0:0:0:1', v6(0, 1)],
    ['fe80::2', v6(0xfe, 2).replace(/^.{8}/, inTables([0xfe, 0x80, 0, 0]))],
    ['0.0.0.0', LOOPBACK],
    ['127.0.0.1', inTables([0, 0, 0, 0])],
    ['127.0.0.1', v6(0, 0)],
    ['::', LOOPBACK],
    ['localhost', LOOPBACK],
  ])('stands in the way of %s at the same address, or where either takes all of them (%s)', (host, local) => {
    expect(standsInTheWay(host, local)).toBe(true)
  })

  it.each([
    ['127.0.0.2', LOOPBACK],
    ['::1', LOOPBACK],
    ['127.0.0.1', v6(0, 1)],
    ['10.0.0.127', inTables([127, 0, 0, 10])],
    ['::2', v6(0, 1)],
  ])('on another address of the machine it does not stand in the way of %s (%s)', (host, local) => {
    expect(standsInTheWay(host, local)).toBe(false)
  })
})
