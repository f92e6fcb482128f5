/** What a `uses:` points at. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

export type ActionReference =
  /** actions/checkout, which the runner plays itself. */
  | { kind: 'checkout' }
  /** An action in a folder. `repository` and `ref` are those of `owner/repo/path@ref`; a local one has none. */
  | { kind: 'action'; directory: string; repository: string; ref: string; local: boolean }

/**
 * Resolves a `uses:` of a step. `actions` maps `owner/repo` to the folder where that repository lies.
 * Throws in GitHub's words if it cannot be found.
 */
export function resolveAction(
  uses: string,
  workspace: string,
  actions: Record<string, string>,
): ActionReference {
  if (uses.startsWith('./') || uses === '.') {
    return { kind: 'action', directory: resolve(workspace, uses), repository: '', ref: '', local: true }
  }
  const match = /^([^/@]+\/[^/@]+)((?:\/[^@]+)?)@(.+)$/.exec(uses)
  if (match === null) {
    throw new Error(`Expected format {org}/{repo}[/path]@ref. Actual '${uses}'`)
  }
  const [, repository = '', path = '', ref = ''] = match
  const folder = actions[repository]
  if (folder === undefined) {
    if (repository === 'actions/checkout') return { kind: 'checkout' }
    throw new Error(
      `Unable to resolve action '${uses}', repository not found. This runner was given: ${Object.keys(actions).join(', ') || 'none'}`,
    )
  }
  const directory = join(folder, path)
  if (!existsSync(directory))
    throw new Error(`Unable to resolve action '${uses}': there is no '${directory}'`)
  return { kind: 'action', directory, repository, ref, local: false }
}
