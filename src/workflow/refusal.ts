import { messageOf } from '../rollout/user-error.js'
import { cutTo, onOneLine } from './plain-text.js'

/** What GitHub's API gave instead of an answer. */
interface Refused {
  readonly status: number
  readonly message: string
  readonly response?: { readonly headers?: Readonly<Record<string, unknown>> }
}

const PERMISSION =
  'The token may not write deployments. Give the job the permission:\n  permissions:\n    contents: read\n    deployments: write'

/**
 * Why GitHub's API refused, in words that say what to do. Status codes as documented at
 * https://docs.github.com/en/rest/deployments/deployments and …/rest/using-the-rest-api/troubleshooting-the-rest-api
 */
export function describeRefusal(thrown: unknown): string {
  if (!isRefused(thrown)) return `GitHub's API did not answer: ${rootOf(thrown)}.`
  const { status } = thrown
  // Its front door answers with a page.
  const message = cutTo(onOneLine(thrown.message), 300)
  if (isRateLimit(thrown)) return `GitHub's API asks us to wait (HTTP ${status}, rate limit): ${message}.`
  if (status === 401)
    return `GitHub does not know this token (HTTP 401). Leave the input \`token\` out, or give one that is valid.`
  if (status === 403) return `${PERMISSION}\nGitHub said (HTTP 403): ${message}.`
  if (status === 404) return `GitHub shows this token no such repository (HTTP 404). ${PERMISSION}`
  if (status === 409) return `GitHub refused for the state of the commit (HTTP 409): ${message}.`
  if (status === 422) return `GitHub could not process it (HTTP 422): ${message}.`
  if (status >= 500) return `GitHub's API has a problem of its own (HTTP ${status}): ${message}.`
  return `GitHub's API refused (HTTP ${status}): ${message}.`
}

/** A primary limit is 403 or 429 with nothing remaining; a secondary one says when to come back. */
function isRateLimit({ status, response }: Refused): boolean {
  if (status === 429) return true
  const headers = response?.headers ?? {}
  return status === 403 && (headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined)
}

function isRefused(thrown: unknown): thrown is Refused {
  // Octokit gives errors of the network the status 500 and no response.
  return (
    thrown instanceof Error &&
    'status' in thrown &&
    typeof thrown.status === 'number' &&
    'response' in thrown &&
    thrown.response !== undefined
  )
}

/** `fetch failed` says nothing; its cause says ECONNREFUSED. */
function rootOf(thrown: unknown): string {
  const causes: unknown[] = [thrown]
  while (causes.length < 5 && causeOf(causes.at(-1)) !== undefined) causes.push(causeOf(causes.at(-1)))
  const root = causes.at(-1)
  const code = typeof root === 'object' && root !== null && 'code' in root ? String(root.code) : ''
  return messageOf(root) || code || messageOf(thrown)
}

/** Octokit keeps what `fetch` threw as a cause, whose cause is what the socket said. */
function causeOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'cause' in thrown ? thrown.cause : undefined
}
