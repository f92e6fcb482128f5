import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export interface Input {
  readonly description: string
  readonly required?: boolean
  readonly default?: string
}

/** The parts of an action.yml that this repository uses. */
export interface ActionFile {
  /** Folder from the root, '' for the root action. */
  readonly folder: string
  readonly name: string
  readonly description: string
  readonly inputs: Readonly<Record<string, Input>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
  readonly runs: { readonly using: string; readonly main: string; readonly post?: string }
}

const read = (root: string, folder: string): ActionFile => ({
  ...(parse(readFileSync(join(root, folder, 'action.yml'), 'utf8')) as Omit<ActionFile, 'folder'>),
  folder,
})

/** Every action of the repository: the root action first, then `actions/*` by name. */
export const actionFiles = (root: string): ActionFile[] => {
  const names = readdirSync(join(root, 'actions')).sort()
  const folders = ['', ...names.map((name) => `actions/${name}`)]
  return folders
    .filter((folder) => existsSync(join(root, folder, 'action.yml')))
    .map((folder) => read(root, folder))
}
