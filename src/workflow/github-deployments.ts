import type { getOctokit } from '@actions/github'
import { cutTo, onOneLine } from './plain-text.js'
import { describeRefusal } from './refusal.js'

type Octokit = ReturnType<typeof getOctokit>
type Repository = { readonly owner: string; readonly repo: string }

/** GitHub's words for how a deployment stands; `inactive` is one that was replaced or withdrawn. */
export type DeploymentState = 'in_progress' | 'success' | 'failure' | 'inactive'

export interface DeploymentStatus {
  readonly state: DeploymentState
  /** Shown beside it; cut at 140 characters. */
  readonly description: string
  /** Where the environment can be looked at. */
  readonly environmentUrl?: string
}

/** Whose deployment it is. */
export interface DeploymentSubject {
  /** GitHub's environment, such as `production`. */
  readonly environment: string
  readonly service: string
  /** The rollout's id. Every step and job of a rollout finds the same deployment by it. */
  readonly rollout: string
  readonly commit: string
  readonly runUrl: string
}

export interface DeploymentSettings {
  /** Without one, nothing is recorded. */
  readonly token: string | undefined
  /** `owner/name`. */
  readonly repository: string
  readonly apiUrl: string
  /** All requests of one record together may take this long, in milliseconds. */
  readonly timeoutMs: number
  readonly notice: (message: string) => void
}

/** GitHub refuses longer descriptions. */
const DESCRIPTION_LIMIT = 140

/** Earlier deployments of a service that are looked at when a new one succeeds. */
const LOOK_BACK = 10

/**
 * GitHub's record of a rollout: one deployment, found again by every step, with a status for how it stands.
 * Reporting never decides a rollout: whatever GitHub answers, nothing here throws; the first refusal becomes one
 * notice, and nothing more is asked.
 *
 * `auto_inactive` is off: GitHub would set every earlier success of the same environment inactive, those of other
 * services too, would leave alone those that never succeeded, and all of a production environment (trap 41).
 * The earlier deployments of this service alone are set inactive here.
 */
export class GitHubDeployments {
  readonly #settings: DeploymentSettings
  #octokit: Octokit | undefined
  /** What this step made itself, by rollout: it need not be in the list yet. */
  readonly #made = new Map<string, number>()
  #refused = false
  #signal: AbortSignal | undefined

  constructor(settings: DeploymentSettings) {
    this.#settings = settings
  }

  /** Records how a rollout stands. Recorded again, nothing changes. Never throws. */
  async record(subject: DeploymentSubject, status: DeploymentStatus): Promise<void> {
    if (this.#settings.token === undefined || this.#refused) return
    this.#signal = AbortSignal.timeout(this.#settings.timeoutMs)
    try {
      const octokit = await this.#connect(this.#settings.token)
      const known = await this.#list(octokit, subject)
      // The oldest: two steps in quick succession may both have made one, since lists lag behind.
      const own = known.findLast((deployment) => rolloutOf(deployment.payload) === subject.rollout)
      const id = this.#made.get(subject.rollout) ?? own?.id ?? (await this.#create(octokit, subject))
      await this.#setStatus(octokit, id, subject.runUrl, status)
      if (status.state === 'success') await this.#retireEarlier(octokit, known, id, subject)
    } catch (thrown) {
      this.#refused = true
      this.#settings.notice(
        `The GitHub Deployment could not be recorded; the rollout goes on without it. ${describeRefusal(thrown)}`,
      )
    }
  }

  async #connect(token: string): Promise<Octokit> {
    if (this.#octokit === undefined) {
      const { getOctokit } = await import('@actions/github')
      const quiet = (): void => undefined
      const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
      this.#octokit = getOctokit(token, { baseUrl: this.#settings.apiUrl, userAgent: 'tuesday', log })
    }
    return this.#octokit
  }

  /** Deployments of this service in this environment, newest first. */
  async #list(octokit: Octokit, { environment, service }: DeploymentSubject): Promise<Deployment[]> {
    const { data } = await octokit.rest.repos.listDeployments({
      ...this.#repository,
      environment,
      task: taskOf(service),
      per_page: 100,
      request: this.#limited(),
    })
    return data
  }

  async #create(octokit: Octokit, subject: DeploymentSubject): Promise<number> {
    const { data } = await octokit.rest.repos.createDeployment({
      ...this.#repository,
      ref: subject.commit,
      environment: subject.environment,
      task: taskOf(subject.service),
      payload: { rollout: subject.rollout, service: subject.service },
      // The commit was built and is being deployed: neither its checks (this job is one of them) nor its distance
      // to the default branch is GitHub's to judge here. Both would be a 409.
      required_contexts: [],
      auto_merge: false,
      description: `Rollout of ${cutTo(subject.service, 100)}`,
      request: this.#limited(),
    })
    if ('id' in data) {
      this.#made.set(subject.rollout, data.id)
      return data.id
    }
    throw new Error(data.message ?? 'GitHub accepted the deployment and made none')
  }

  async #setStatus(octokit: Octokit, id: number, runUrl: string, status: DeploymentStatus): Promise<void> {
    const description = cutTo(onOneLine(status.description), DESCRIPTION_LIMIT)
    const latest = await this.#latestStatus(octokit, id)
    if (latest?.state === status.state && latest.description === description) return
    await octokit.rest.repos.createDeploymentStatus({
      ...this.#repository,
      deployment_id: id,
      state: status.state,
      description,
      log_url: runUrl,
      ...(status.environmentUrl !== undefined && { environment_url: status.environmentUrl }),
      auto_inactive: false,
      request: this.#limited(),
    })
  }

  async #latestStatus(
    octokit: Octokit,
    id: number,
  ): Promise<{ state: string; description: string } | undefined> {
    const { data } = await octokit.rest.repos.listDeploymentStatuses({
      ...this.#repository,
      deployment_id: id,
      per_page: 1,
      request: this.#limited(),
    })
    return data[0]
  }

  /**
   * What is not live any more says so: earlier rollouts, and doubles of this one. Those before the first that says so
   * already were done earlier.
   */
  async #retireEarlier(
    octokit: Octokit,
    known: readonly Deployment[],
    id: number,
    { runUrl, rollout }: DeploymentSubject,
  ): Promise<void> {
    const replaced = known.filter(
      (other) => other.id < id || (other.id > id && rolloutOf(other.payload) === rollout),
    )
    const earlier = replaced.slice(0, LOOK_BACK)
    for (const deployment of earlier) {
      const state = (await this.#latestStatus(octokit, deployment.id))?.state
      if (state === 'inactive') return
      if (state === 'failure' || state === 'error') continue
      await this.#setStatus(octokit, deployment.id, runUrl, {
        state: 'inactive',
        description: 'Replaced by a later release',
      })
    }
  }

  get #repository(): Repository {
    const [owner = '', repo = ''] = this.#settings.repository.split('/')
    return { owner, repo }
  }

  #limited(): { signal?: AbortSignal } {
    return this.#signal === undefined ? {} : { signal: this.#signal }
  }
}

interface Deployment {
  readonly id: number
  readonly payload: unknown
}

/** By which a service's deployments are listed apart from everybody else's. */
function taskOf(service: string): string {
  return `tuesday:${service}`
}

/** GitHub gives the payload back as an object, or as the text of one (older servers). */
function rolloutOf(payload: unknown): unknown {
  let found = payload
  if (typeof payload === 'string') {
    try {
      found = JSON.parse(payload)
    } catch {
      // Somebody else's payload: any text is allowed there.
      return undefined
    }
  }
  return typeof found === 'object' && found !== null && 'rollout' in found ? found.rollout : undefined
}
