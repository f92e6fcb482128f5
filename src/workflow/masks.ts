import { setSecret } from '@actions/core'

/** Shorter lines give nothing away, and masking `{` would drop every JSON output of the job (trap 35). */
const SHORTEST_LINE = 4

/** Shorter passwords are words like `test`, which would mask half of the log. */
const SHORTEST_PASSWORD = 6

/**
 * The secrets that this step was given. Each line of each is masked in the log by GitHub, and taken out here of
 * everything else that is written: summaries, deployments, the post step's state.
 */
export class Masks {
  readonly #nameByValue = new Map<string, string>()
  readonly #announce: (value: string) => void

  /** @param announce tells the runner; GitHub's own command by default. */
  constructor(announce: (value: string) => void = setSecret) {
    this.#announce = announce
  }

  /** Masks a secret. `name` says where it came from, for messages: `the input database-url`. */
  add(name: string, secret: string): void {
    const lines = secret.split(/[\r\n]+/).map((line) => line.trim())
    const [first = '', ...others] = lines.filter((line) => line !== '')
    const values =
      others.length === 0 ? [first] : [first, ...others].filter((line) => line.length >= SHORTEST_LINE)
    for (const value of [...values, ...passwordsIn(first)]) {
      if (value === '' || this.#nameByValue.has(value)) continue
      this.#nameByValue.set(value, name)
      this.#announce(value)
    }
  }

  /** Where the secret came from that occurs in a text; undefined when none does. */
  occurringIn(text: string): string | undefined {
    for (const [value, name] of this.#nameByValue) if (text.includes(value)) return name
    return undefined
  }

  /** The text with `***` in place of every secret, as GitHub does in the log. */
  redact(text: string): string {
    const longestFirst = [...this.#nameByValue.keys()].sort((one, other) => other.length - one.length)
    return longestFirst.reduce((redacted, value) => redacted.replaceAll(value, '***'), text)
  }
}

/** The password of an address with credentials, as written and as decoded: clients print it alone in their errors. */
function passwordsIn(secret: string): string[] {
  if (!secret.includes('://')) return []
  const written = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*?:([^/?#\s]*)@/i.exec(secret)?.[1]
  if (written === undefined || written.length < SHORTEST_PASSWORD) return []
  try {
    return [written, decodeURIComponent(written)]
  } catch {
    // Not percent-encoded: then there is only the one form.
    return [written]
  }
}
