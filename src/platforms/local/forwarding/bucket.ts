/** How many buckets there are; a bucket is 0.01 % of the clients. */
export const BUCKETS = 10_000

/** How long a client keeps its bucket: longer than any rollout, so that nobody draws again in the middle of one. */
const COOKIE_SECONDS = 30 * 24 * 3600

/** A number for a client that has none yet. Each bucket is as likely as any other; it protects nothing. */
export function drawBucket(): number {
  return Math.floor(Math.random() * BUCKETS)
}

/**
 * The bucket in a Cookie header: `theme=dark; tuesday-bucket=1234`. Undefined if it is missing or is not a number
 * from 0 to 9,999; the client then gets a new one.
 */
export function bucketInCookie(header: string, name: string): number | undefined {
  for (let at = header.indexOf(name); at !== -1; at = header.indexOf(name, at + 1)) {
    const before = at === 0 ? ';' : header[at - 1]
    if ((before === ';' || before === ' ') && header[at + name.length] === '=') {
      return bucketAt(header, at + name.length + 1)
    }
  }
  return undefined
}

function bucketAt(header: string, start: number): number | undefined {
  let value = 0
  let at = start
  for (; at < header.length && at < start + 5; at++) {
    const digit = header.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  const ended = at === header.length || header[at] === ';' || header[at] === ' '
  return at > start && ended && value < BUCKETS ? value : undefined
}

/** The bucket of a header's value, such as a user id: the same everywhere and for ever. FNV-1a, then mixed (murmur3). */
export function bucketOfText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  // FNV alone hardly moves the high bits of short, counted-up ids, and it is the high bits that decide here.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return Math.floor((((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * BUCKETS)
}

/** The Set-Cookie value that gives a client its bucket. */
export function bucketCookie(name: string, bucket: number): string {
  return `${name}=${bucket}; Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax`
}
