import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** Where workflow files stand. The examples are what users copy, so they are checked as strictly as our own. */
const folders = ['.github/workflows', 'examples', 'test/workflows', 'demo']

const isWorkflow = (path: string): boolean => {
  const content: unknown = parse(readFileSync(path, 'utf8'), { logLevel: 'error' })
  return typeof content === 'object' && content !== null && 'jobs' in content
}

/** Paths from the root of every workflow file of the repository; a rollout.yml beside one is none. */
export const workflowFiles = (root: string): string[] =>
  folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    )
    .filter((file) => /\.ya?ml$/.test(file) && isWorkflow(join(root, file)))
    .sort()
