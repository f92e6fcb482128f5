/** Where an answer names the release that gave it: a response header, or a JSON path (RFC 9535) into the body. */
export type VersionMark =
  { readonly kind: 'header'; readonly name: string } | { readonly kind: 'json'; readonly path: string }

/** Which release answered one real request. */
export interface Testimony {
  /** The version that the answer names; undefined if no complete answer came or it names none. */
  readonly version: string | undefined
  /** Cookies that the answer set, as a client would send them back. */
  readonly cookie: string | undefined
  /** No complete answer came, or a 5xx without a version: whoever answers next may well name one. */
  readonly failed?: boolean
  /** Why no version is known, for people. */
  readonly problem?: string
}

/** A client without cookies on a new connection, or one that comes back with its cookie and connection. */
export type Visitor = { readonly kind: 'newcomer' } | { readonly kind: 'returning'; readonly cookie: string }

/**
 * Asks the public address the way clients do and says which release answered: the only proof that a weight has
 * taken effect. Never rejects for a request that failed; that is a testimony with a `problem`.
 */
export interface Witness {
  /** The address asked, for messages. */
  readonly address: string
  ask(as: Visitor, signal: AbortSignal): Promise<Testimony>
}
