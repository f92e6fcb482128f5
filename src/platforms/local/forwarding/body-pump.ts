import type { IncomingMessage, OutgoingMessage } from 'node:http'

/**
 * Sends a body on as it comes, no faster than the other end takes it, trailers included, and ends the message.
 * The head goes out at once where the body keeps us waiting (event streams, slow uploads), and in one packet with
 * the body where that is there already. `ended` is called when the source has ended, before the last bytes are
 * handed over: who has read the whole answer finds it counted.
 */
export function pumpBody(source: IncomingMessage, sink: OutgoingMessage, ended?: () => void): void {
  let begun = false
  let last: Buffer | undefined
  source.on('data', (chunk: Buffer) => {
    begun = true
    if (source.complete && source.readableLength === 0) last = chunk
    else if (!sink.write(chunk)) source.pause()
  })
  sink.on('drain', () => source.resume())
  source.on('end', () => {
    ended?.()
    if (source.rawTrailers.length > 0) {
      if (last !== undefined) sink.write(last)
      last = undefined
      addTrailers(source, sink)
    }
    if (last === undefined) sink.end()
    else sink.end(last)
  })
  // After the bytes that came in the same packet as the head, which are handed out in this very tick.
  process.nextTick(() => {
    if (!begun && !source.complete && !sink.destroyed) sink.flushHeaders()
  })
}

function addTrailers(source: IncomingMessage, sink: OutgoingMessage): void {
  const pairs: [string, string][] = []
  for (let at = 0; at < source.rawTrailers.length; at += 2) {
    pairs.push([source.rawTrailers[at] ?? '', source.rawTrailers[at + 1] ?? ''])
  }
  sink.addTrailers(pairs)
}
