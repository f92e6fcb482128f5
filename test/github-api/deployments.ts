/**
 * Deployments and their statuses, by docs.github.com/rest/deployments/deployments and …/deployments/statuses.
 */
import { notFound, refusal, validationFailed, type Answer } from './answer.ts'
import { pageOf, type Exchange } from './exchange.ts'
import type { Deployment, DeploymentStatus, StoredDeployment, StoredRepository } from './stored-repository.ts'

const deploymentsPage = '/deployments/deployments'
const statusesPage = '/deployments/statuses'
const longestStatusDescription = 140

/** "Create a deployment": with the defaults of its page, which are a trap for a job that deploys its own commit. */
export function createDeployment({ repository, body, now, base }: Exchange): Answer {
  const page = `${deploymentsPage}#create-a-deployment`
  const ref = String(body.ref)
  const sha = repository.resolve(ref)
  if (sha === undefined) return refusal(422, `No ref found for: ${ref}`, page)
  const merge = body.auto_merge === false ? undefined : autoMerge(repository, ref, sha, page)
  if (merge !== undefined) return merge
  const conflict = failedChecks(repository, sha, ref, body.required_contexts, page)
  if (conflict !== undefined) return conflict
  const id = repository.nextId()
  const environment = textOf(body.environment, 'production')
  const deployment: Deployment = {
    url: `${base}/deployments/${id}`,
    id,
    node_id: `DE_${id}`,
    sha,
    ref,
    task: textOf(body.task, 'deploy'),
    payload: isPayload(body.payload) ? body.payload : {},
    original_environment: environment,
    environment,
    description: typeof body.description === 'string' ? body.description : null,
    creator: null,
    created_at: now,
    updated_at: now,
    statuses_url: `${base}/deployments/${id}/statuses`,
    repository_url: base,
    transient_environment: body.transient_environment === true,
    // "Default: true when environment is production and false otherwise."
    production_environment:
      typeof body.production_environment === 'boolean'
        ? body.production_environment
        : environment === 'production',
  }
  const madeAtMs = performance.now()
  repository.deployments.push({ deployment, statuses: [], madeAtMs, statusMadeAtMs: new Map() })
  return { status: 201, body: deployment }
}

/** "auto_merge": a ref that is behind the default branch is merged (202, no deployment), or in conflict (409). */
function autoMerge(repository: StoredRepository, ref: string, sha: string, page: string): Answer | undefined {
  const tip = repository.resolve(repository.defaultBranch)
  if (tip === undefined || repository.history(sha).has(tip)) return undefined
  if (repository.isBranch(ref)) {
    const message = `Auto-merged ${repository.defaultBranch} into ${ref} on deployment.`
    return { status: 202, body: { message } }
  }
  return refusal(409, `Conflict merging ${repository.defaultBranch} into ${ref}.`, page)
}

/** "If you omit this parameter, GitHub verifies all unique contexts. To bypass checking entirely, pass an empty array." */
function failedChecks(
  repository: StoredRepository,
  sha: string,
  ref: string,
  required: unknown,
  page: string,
): Answer | undefined {
  const checks = repository.checksOf(sha)
  const wanted = Array.isArray(required) ? required.map(String) : Object.keys(checks)
  const contexts = wanted.map((context) => ({ context, state: checks[context] ?? 'pending' }))
  if (contexts.every(({ state }) => state === 'success')) return undefined
  const errors = [{ contexts, resource: 'Deployment', field: 'required_contexts', code: 'invalid' }]
  return refusal(409, `Conflict: Commit status checks failed for ${ref}.`, page, { errors })
}

/** "List deployments": newest first, filtered by sha, ref, task and environment. */
export function listDeployments({ repository, query, base, staleForMs }: Exchange): Answer {
  const filters = (['sha', 'ref', 'task', 'environment'] as const).filter((key) => query.has(key))
  const found = repository.deployments
    .filter(({ madeAtMs }) => performance.now() - madeAtMs >= staleForMs)
    .map(({ deployment }) => deployment)
    .filter((deployment) => filters.every((key) => deployment[key] === query.get(key)))
    .reverse()
  return pageOf(found, query, `${base}/deployments`)
}

/** "Get a deployment". */
export function getDeployment({ repository, parts }: Exchange): Answer {
  const found = find(repository, parts[0])
  return found === undefined
    ? notFound(`${deploymentsPage}#get-a-deployment`)
    : { status: 200, body: found.deployment }
}

/** "Delete a deployment": of several, only inactive ones. */
export function deleteDeployment({ repository, parts }: Exchange): Answer {
  const page = `${deploymentsPage}#delete-a-deployment`
  const found = find(repository, parts[0])
  if (found === undefined) return notFound(page)
  const active = found.statuses.at(-1)?.state === 'success' || found.statuses.length === 0
  if (active && repository.deployments.length > 1) {
    return refusal(
      422,
      'We cannot delete an active deployment unless it is the only deployment in a given environment.',
      page,
    )
  }
  repository.deployments.splice(repository.deployments.indexOf(found), 1)
  return { status: 204 }
}

/** "List deployment statuses": newest first. */
export function listStatuses({ repository, parts, query, base, staleForMs }: Exchange): Answer {
  const found = find(repository, parts[0])
  if (found === undefined) return notFound(`${statusesPage}#list-deployment-statuses`)
  const settled = found.statuses.filter(
    ({ id }) => performance.now() - (found.statusMadeAtMs.get(id) ?? 0) >= staleForMs,
  )
  return pageOf(settled.reverse(), query, `${base}/deployments/${parts[0] ?? ''}/statuses`)
}

/** "Create a deployment status". */
export function createStatus({ repository, parts, body, now, base }: Exchange): Answer {
  const page = `${statusesPage}#create-a-deployment-status`
  const found = find(repository, parts[0])
  if (found === undefined) return notFound(page)
  const description = textOf(body.description, '')
  if (description.length > longestStatusDescription) {
    return validationFailed(
      'DeploymentStatus',
      'description',
      'description is too long (maximum is 140 characters)',
      page,
    )
  }
  for (const key of ['target_url', 'log_url', 'environment_url']) {
    const url = textOf(body[key], '')
    if (url !== '' && !/^https?:\/\//.test(url)) {
      return validationFailed('DeploymentStatus', key, `${key} must use http(s) scheme`, page)
    }
  }
  const add = (
    to: StoredDeployment,
    fields: Pick<DeploymentStatus, 'state'> & Partial<DeploymentStatus>,
  ): DeploymentStatus => {
    const id = repository.nextId()
    const status = newStatus(to.deployment, id, fields, now, base)
    to.statuses.push(status)
    to.statusMadeAtMs.set(id, performance.now())
    to.deployment.updated_at = now
    to.deployment.environment = status.environment ?? to.deployment.environment
    return status
  }
  const logUrl = textOf(body.log_url, textOf(body.target_url, ''))
  const status = add(found, {
    state: stateOf(body.state),
    description,
    log_url: logUrl,
    target_url: logUrl,
    environment_url: textOf(body.environment_url, ''),
    environment: textOf(body.environment, found.statuses.at(-1)?.environment ?? found.deployment.environment),
  })
  if (body.auto_inactive !== false && status.state === 'success') {
    for (const earlier of replacedBy(repository, found)) add(earlier, { state: 'inactive' })
  }
  return { status: 201, body: status, headers: { location: status.url } }
}

/**
 * "Adds a new inactive status to all prior non-transient, non-production environment deployments with the same
 * repository and environment name. An inactive status is only added to deployments that had a success state." (trap 41)
 */
function replacedBy(repository: StoredRepository, newer: StoredDeployment): StoredDeployment[] {
  const { environment, id } = newer.deployment
  return repository.deployments.filter(
    ({ deployment, statuses }) =>
      deployment.id < id &&
      deployment.environment === environment &&
      !deployment.transient_environment &&
      !deployment.production_environment &&
      statuses.at(-1)?.state === 'success',
  )
}

function newStatus(
  deployment: Deployment,
  id: number,
  fields: Pick<DeploymentStatus, 'state'> & Partial<DeploymentStatus>,
  now: string,
  base: string,
): DeploymentStatus {
  return {
    url: `${base}/deployments/${deployment.id}/statuses/${id}`,
    id,
    node_id: `DES_${id}`,
    creator: null,
    description: '',
    environment: deployment.environment,
    target_url: '',
    created_at: now,
    updated_at: now,
    deployment_url: deployment.url,
    repository_url: base,
    environment_url: '',
    log_url: '',
    ...fields,
  }
}

function find(repository: StoredRepository, id: string | undefined): StoredDeployment | undefined {
  return repository.deployments.find(({ deployment }) => String(deployment.id) === id)
}

function textOf(value: unknown, other: string): string {
  return typeof value === 'string' ? value : other
}

function isPayload(value: unknown): value is Deployment['payload'] {
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
}

/** The request was held against its model before: only GitHub's states come here. */
function stateOf(value: unknown): DeploymentStatus['state'] {
  const states = ['error', 'failure', 'inactive', 'pending', 'success', 'queued', 'in_progress'] as const
  const found = states.find((state) => state === value)
  if (found === undefined) throw new Error(`No state of a deployment: ${JSON.stringify(value)}`)
  return found
}
