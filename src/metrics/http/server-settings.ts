/** How a server is reached and how we prove who we are. All values are resolved: no `${NAME}` is left in them. */
export interface ServerSettings {
  /** `http://` or `https://`, with a path prefix if there is one: `https://mimir.example/prometheus`. `user:password@` in it is basic auth. */
  readonly url: string
  /** Sent with every request: tenants (`X-Scope-OrgID`), keys (`DD-API-KEY`). Values are taken out of every message. */
  readonly headers?: Readonly<Record<string, string>>
  /** At most one of `basic` and `bearer`. */
  readonly basic?: { readonly username: string; readonly password: string }
  /** The token alone, without the word `Bearer`. */
  readonly bearer?: string
  readonly tls?: TlsSettings
  /** For one try, from the connection to the end of the answer, in milliseconds. Default: 10 s. */
  readonly timeoutMs?: number
  /** For one question with all its tries and pauses, in milliseconds. Default: 30 s, or `timeoutMs` if that is longer. */
  readonly patienceMs?: number
  /** More that must never be shown: a key inside the path, a signature. */
  readonly secrets?: readonly string[]
}

/** Each is PEM text, or the path of a file with PEM text. */
export interface TlsSettings {
  /** Our certificate (mutual TLS); wants `key` too. */
  readonly cert?: string
  /** The private key of `cert`. */
  readonly key?: string
  /** Whom to trust instead of the well-known authorities. */
  readonly ca?: string
}

export const DEFAULT_TIMEOUT_MS = 10_000
export const DEFAULT_PATIENCE_MS = 30_000
