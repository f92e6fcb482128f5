/** What GitHub stores of one repository: commits, refs, checks and deployments. */
import type { components } from '@octokit/openapi-types'

export type Deployment = components['schemas']['deployment']
export type DeploymentStatus = components['schemas']['deployment-status']

export interface StoredDeployment {
  deployment: Deployment
  /** The oldest first. */
  statuses: DeploymentStatus[]
  /** When it was made, by the server's monotonic clock: reads may be stale for a while. */
  madeAtMs: number
  statusMadeAtMs: Map<DeploymentStatus['id'], number>
}

export interface RepositoryOptions {
  /** Commit id → parents. Parents come first. */
  commits: Record<string, string[]>
  /** `refs/heads/main` → commit id. */
  refs: Record<string, string>
  /** Default `main`. */
  defaultBranch?: string
  /**
   * Commit statuses by context. Default for every commit: the job that is running now, `pending`, as it is when a
   * workflow deploys its own commit.
   */
  checks?: Record<string, Record<string, 'pending' | 'success' | 'failure' | 'error'>>
}

export class StoredRepository {
  readonly name: string
  readonly commits: Map<string, string[]>
  readonly refs: Map<string, string>
  readonly defaultBranch: string
  /** The oldest first. */
  readonly deployments: StoredDeployment[] = []
  readonly #checks: NonNullable<RepositoryOptions['checks']>
  #lastId = 4_000_000

  constructor(name: string, options: RepositoryOptions) {
    this.name = name
    this.commits = new Map(Object.entries(options.commits))
    this.refs = new Map(Object.entries(options.refs))
    this.defaultBranch = options.defaultBranch ?? 'main'
    this.#checks = options.checks ?? {}
  }

  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  /** The commit that a branch, a tag, a full ref or a commit id names. */
  resolve(name: string): string | undefined {
    for (const ref of [name, `refs/${name}`, `refs/heads/${name}`, `refs/tags/${name}`]) {
      const sha = this.refs.get(ref)
      if (sha !== undefined) return sha
    }
    return this.commits.has(name) ? name : undefined
  }

  isBranch(name: string): boolean {
    return this.refs.has(`refs/heads/${name.replace(/^refs\/heads\//, '')}`)
  }

  checksOf(sha: string): Record<string, string> {
    return this.#checks[sha] ?? { 'this running job': 'pending' }
  }

  /** A commit and everything before it. */
  history(sha: string): Set<string> {
    const found = new Set<string>()
    const left = [sha]
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (found.has(next)) continue
      found.add(next)
      left.push(...(this.commits.get(next) ?? []))
    }
    return found
  }
}
