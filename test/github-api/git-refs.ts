/** Refs and the comparison of commits, by docs.github.com/rest/git/refs and …/rest/commits/commits. */
import { notFound, refusal, type Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { StoredRepository } from './stored-repository.ts'

const page = '/git/refs'

/** "Get a reference": `heads/main`, without `refs/`. */
export function getRef(exchange: Exchange): Answer {
  const name = `refs/${exchange.parts[0] ?? ''}`
  const sha = exchange.repository.refs.get(name)
  return sha === undefined
    ? notFound(`${page}#get-a-reference`)
    : { status: 200, body: refBody(exchange, name, sha) }
}

/** "Create a reference": fully qualified, of a commit that exists, and not there yet. */
export function createRef(exchange: Exchange): Answer {
  const { repository, body } = exchange
  const name = String(body.ref)
  const sha = String(body.sha)
  const here = `${page}#create-a-reference`
  if (!/^refs\/[^/]+\/.+/.test(name))
    return refusal(422, `Reference name must start with 'refs/' and have at least two slashes.`, here)
  if (!repository.commits.has(sha)) return refusal(422, 'Object does not exist', here)
  if (repository.refs.has(name)) return refusal(422, 'Reference already exists', here)
  repository.refs.set(name, sha)
  return { status: 201, body: refBody(exchange, name, sha) }
}

/** "Update a reference": forward only, unless forced. */
export function updateRef(exchange: Exchange): Answer {
  const { repository, body, parts } = exchange
  const name = `refs/${parts[0] ?? ''}`
  const sha = String(body.sha)
  const here = `${page}#update-a-reference`
  const current = repository.refs.get(name)
  if (current === undefined) return refusal(422, 'Reference does not exist', here)
  if (!repository.commits.has(sha)) return refusal(422, 'Object does not exist', here)
  if (body.force !== true && !repository.history(sha).has(current)) {
    return refusal(422, 'Update is not a fast forward', here)
  }
  repository.refs.set(name, sha)
  return { status: 200, body: refBody(exchange, name, sha) }
}

/** "Delete a reference". */
export function deleteRef({ repository, parts }: Exchange): Answer {
  const there = repository.refs.delete(`refs/${parts[0] ?? ''}`)
  return there ? { status: 204 } : refusal(422, 'Reference does not exist', `${page}#delete-a-reference`)
}

function refBody({ base }: Exchange, name: string, sha: string): Record<string, unknown> {
  return {
    ref: name,
    node_id: `REF_${name}`,
    url: `${base}/git/${name}`,
    object: { type: 'commit', sha, url: `${base}/git/commits/${sha}` },
  }
}

/**
 * "Compare two commits": `base...head`. `ahead`: head has what base lacks; `behind`: base has what head lacks;
 * `diverged`: both; `identical`: neither.
 */
export function compare({ repository, parts }: Exchange): Answer {
  const [baseName = '', headName = ''] = (parts[0] ?? '').split('...')
  const baseSha = repository.resolve(baseName)
  const headSha = repository.resolve(headName)
  if (baseSha === undefined || headSha === undefined) return notFound('/commits/commits#compare-two-commits')
  const base = repository.history(baseSha)
  const head = repository.history(headSha)
  const ahead = [...head].filter((sha) => !base.has(sha))
  const behind = [...base].filter((sha) => !head.has(sha))
  const status =
    ahead.length === 0
      ? behind.length === 0
        ? 'identical'
        : 'behind'
      : behind.length === 0
        ? 'ahead'
        : 'diverged'
  const mergeBase = lastShared(repository, base, head)
  if (mergeBase === undefined) return notFound('/commits/commits#compare-two-commits')
  return {
    status: 200,
    body: {
      status,
      ahead_by: ahead.length,
      behind_by: behind.length,
      total_commits: ahead.length,
      base_commit: { sha: baseSha },
      merge_base_commit: { sha: mergeBase },
      commits: ahead.reverse().map((sha) => ({ sha })),
      files: [],
    },
  }
}

/** Of the commits that both have, the one that comes before no other of them. */
function lastShared(repository: StoredRepository, base: Set<string>, head: Set<string>): string | undefined {
  const shared = [...base].filter((sha) => head.has(sha))
  return shared.find((sha) => !shared.some((other) => other !== sha && repository.history(other).has(sha)))
}
