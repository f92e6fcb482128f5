/** The folders of one job: fresh for each, so that nothing but the ledger and the live system carries over. */
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

export interface JobFolders {
  root: string
  home: string
  temp: string
  toolCache: string
  workspace: string
  eventFile: string
  /** Kept after the job: summaries by step. */
  summaries: string
}

/** Makes the folders of a job anew. */
export async function makeJobFolders(root: string, repository: string, event: unknown): Promise<JobFolders> {
  const name = basename(repository)
  const folders = {
    root,
    home: join(root, 'home'),
    temp: join(root, '_temp'),
    toolCache: join(root, '_tool'),
    workspace: join(root, name, name),
    eventFile: join(root, '_temp', '_github_workflow', 'event.json'),
    summaries: join(root, 'summaries'),
  }
  await rm(root, { recursive: true, force: true })
  for (const folder of [folders.home, folders.toolCache, folders.workspace, folders.summaries]) {
    await mkdir(folder, { recursive: true })
  }
  await mkdir(join(folders.temp, '_github_workflow'), { recursive: true })
  await mkdir(join(folders.temp, '_runner_file_commands'), { recursive: true })
  await writeFile(folders.eventFile, JSON.stringify(event, undefined, 2))
  return folders
}

/**
 * What actions/checkout leaves: the tree and nothing else. What stood there before is gone, and so are
 * `node_modules` and `.git`, which no commit holds.
 */
export async function checkOut(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true })
  for (const entry of await readdir(target)) await rm(join(target, entry), { recursive: true })
  const uncommitted = new Set(['node_modules', '.git'])
  await cp(source, target, { recursive: true, filter: (path) => !uncommitted.has(basename(path)) })
}
