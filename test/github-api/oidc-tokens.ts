/**
 * The OIDC token endpoint of a job, ACTIONS_ID_TOKEN_REQUEST_URL, by
 * docs.github.com/actions/reference/security/oidc: a bearer request answered with a signed JWT.
 */
import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import { refusal, type Answer } from './answer.ts'

/** The job that asks; these become claims. */
export interface OidcJob {
  repository: string
  ref: string
  sha: string
  runId: string
  attempt: string
  environment?: string
}

export class OidcTokens {
  readonly #jobs = new Map<string, OidcJob>()
  #keys: { publicKey: KeyObject; privateKey: KeyObject } | undefined

  /** The request token of a job, ACTIONS_ID_TOKEN_REQUEST_TOKEN. */
  requestTokenFor(job: OidcJob): string {
    const token = `oidc-request-${randomUUID()}`
    this.#jobs.set(token, job)
    return token
  }

  /** Answers `GET …?api-version=2.0&audience=…`. */
  answer(authorization: string | undefined, query: URLSearchParams, issuer: string): Answer {
    const job = this.#jobs.get(/^bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '')
    if (job === undefined) return refusal(401, 'Unauthorized')
    if (query.get('api-version') !== '2.0') return refusal(400, 'No api-version was supplied')
    const value = this.#signed(claims(job, query.get('audience'), issuer))
    return { status: 200, body: { count: value.length, value } }
  }

  /** The public key, as `/.well-known/jwks` publishes it. */
  jwks(): Answer {
    const key = this.#pair().publicKey.export({ format: 'jwk' })
    return { status: 200, body: { keys: [{ ...key, kid: 'test', alg: 'RS256', use: 'sig' }] } }
  }

  #signed(payload: Record<string, unknown>): string {
    const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url')
    const text = `${encode({ typ: 'JWT', alg: 'RS256', kid: 'test' })}.${encode(payload)}`
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), this.#pair().privateKey).toString('base64url')}`
  }

  #pair(): { publicKey: KeyObject; privateKey: KeyObject } {
    this.#keys ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
    return this.#keys
  }
}

function claims(job: OidcJob, audience: string | null, issuer: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000)
  const owner = job.repository.split('/')[0] ?? ''
  const of = job.environment === undefined ? `ref:${job.ref}` : `environment:${job.environment}`
  return {
    jti: randomUUID(),
    sub: `repo:${job.repository}:${of}`,
    aud: audience ?? `https://github.com/${owner}`,
    iss: issuer,
    iat: now,
    nbf: now - 300,
    exp: now + 300,
    repository: job.repository,
    repository_owner: owner,
    ref: job.ref,
    sha: job.sha,
    run_id: job.runId,
    run_attempt: job.attempt,
    runner_environment: 'github-hosted',
    ...(job.environment === undefined ? {} : { environment: job.environment }),
  }
}
