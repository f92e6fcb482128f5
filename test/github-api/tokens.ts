/** Who may do what: GITHUB_TOKENs with the permissions of a job (docs.github.com/rest/authentication). */
import { notFound, refusal, type Answer } from './answer.ts'

export type Access = 'none' | 'read' | 'write'

/** As `permissions:` in a workflow: `{ deployments: 'write' }`, or `{ '*': 'read' }` for read-all. */
export type TokenPermissions = Record<string, string>

export interface IssuedToken {
  repository: string
  permissions: TokenPermissions
}

export class Tokens {
  readonly #issued = new Map<string, IssuedToken>()

  /** Makes a token of one repository. */
  issue(repository: string, permissions: TokenPermissions): string {
    const token = `ghs_${String(this.#issued.size + 1).padStart(36, 'A1b2C3d4')}`
    this.#issued.set(token, { repository, permissions })
    return token
  }

  /** A token whose job has ended is worth nothing any more. */
  revoke(token: string): void {
    this.#issued.delete(token)
  }

  /** GitHub's refusal, or `undefined` if the request may go on. */
  refuse(authorization: string | undefined, repository: string, needed: string): Answer | undefined {
    // A private repository does not show itself to strangers ("404 Not Found for an existing resource").
    if (authorization === undefined) return notFound()
    const token = this.#issued.get(/^(?:token|bearer) (\S+)$/i.exec(authorization)?.[1] ?? '')
    if (token === undefined) return refusal(401, 'Bad credentials')
    if (token.repository.toLowerCase() !== repository.toLowerCase()) return notFound()
    const [scope = '', access = 'read'] = needed.split('=')
    if (permits(token.permissions, scope, access)) return undefined
    const answer = refusal(403, 'Resource not accessible by integration')
    return { ...answer, headers: { 'x-accepted-github-permissions': needed } }
  }
}

/** "If you specify the access for any of these, all of those that are not specified are set to none", but metadata. */
function permits(permissions: TokenPermissions, scope: string, access: string): boolean {
  if (scope === 'metadata') return true
  const granted = permissions[scope] ?? permissions['*'] ?? 'none'
  return granted === 'write' || (granted === 'read' && access === 'read')
}
