import { describe, expect, it } from '@jest/globals'
import { ResponseReader } from './response-reader.js'

const read = (text: string) => new ResponseReader().push(Buffer.from(text))
/** Gives the text byte by byte and returns what came of the last byte; before it there must be nothing. */
function readByBytes(text: string) {
  const reader = new ResponseReader()
  const bytes = [...Buffer.from(text)]
  const before = bytes.slice(0, -1).map((byte) => reader.push(Buffer.from([byte])))
  expect(before.every((response) => response === undefined)).toBe(true)
  return reader.push(Buffer.from(bytes.slice(-1)))
}

describe('a response is complete', () => {
  it('when as much has come as was announced, in whatever pieces', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\nhé!!'
    const wanted = { status: 200, body: 'hé!!', keep: true }
    expect(read(text)).toMatchObject(wanted)
    expect(readByBytes(text)).toMatchObject(wanted)
    expect(read(text)?.headers.get('set-cookie')).toEqual(['a=1', 'b=2'])
  })

  it('when its last chunk has come, in whatever pieces', () => {
    const text =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123\r\n5678\r\n0\r\n\r\n'
    expect(read(text)).toMatchObject({ body: 'abc0123\r\n5678' })
    expect(readByBytes(text)).toMatchObject({ body: 'abc0123\r\n5678' })
  })

  it('at the end of the connection, if no length was announced', () => {
    const reader = new ResponseReader()
    expect(reader.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\nall'))).toBeUndefined()
    expect(reader.end()).toMatchObject({ body: 'all', keep: false })
  })

  it('without a body, if its status has none', () => {
    expect(read('HTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({ status: 204, body: '' })
  })

  it('and is not the interim one before it', () => {
    const text = 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 500 Bad\r\nContent-Length: 0\r\n\r\n'
    expect(read(text)).toMatchObject({ status: 500 })
  })
})

describe('a connection is not used again', () => {
  it.each([
    'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n',
  ])('after %j', (text) => {
    expect(read(text)?.keep).toBe(false)
  })
})

describe('an answer that was cut off is none', () => {
  it.each([
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
    'HTTP/1.1 200 OK\r\nConte',
  ])('%j', (text) => {
    const reader = new ResponseReader()
    expect(reader.push(Buffer.from(text))).toBeUndefined()
    expect(reader.end()).toBeUndefined()
  })
})

describe('what is not a response is refused', () => {
  it.each([
    ['SSH-2.0-OpenSSH\r\n\r\n', 'does not begin an HTTP response'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab', 'more came than was announced'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n', '"xyz" is not the size of a chunk'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nab', 'more came than was announced'],
  ])('%j', (text, message) => {
    expect(() => read(text)).toThrow(message)
  })
})
