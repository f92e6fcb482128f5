import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadBuiltinsOnFirstUse } from './builtin-modules.ts'
import { bundle, type Files } from './bundle.ts'
import { licences } from './licences.ts'
import { minify } from './minify.ts'
import { carryPostgresParser } from './postgres-parser.ts'
import { stageSources } from './stage-sources.ts'
import { stubs } from './stubs.ts'

/** Every file that runs in a process of its own, and the bundle that it becomes. */
const entries = [
  { entry: 'src/actions/main.js', name: 'tuesday' },
  { entry: 'src/platforms/local/supervisor/main.js', name: 'local-supervisor' },
  { entry: 'src/replay/main.js', name: 'judging' },
]

/** All bundles together; each brings the same package.json. */
const bundleAll = async (stage: string): Promise<Files> => {
  const all: Files = new Map()
  for (const { entry, name } of entries) {
    for (const [file, content] of await bundle(stage, entry, name)) {
      if (all.has(file) && file !== 'package.json') throw new Error(`two bundles both write ${file}`)
      all.set(file, content)
    }
  }
  all.set('package.json', '{ "type": "module" }\n')
  return all
}

/** New files first, then away with what is no longer built: a step that starts meanwhile finds whole files. */
const replaceFolder = (folder: string, files: Files): void => {
  mkdirSync(folder, { recursive: true })
  for (const [file, content] of files) {
    const unfinished = join(folder, `${file}.new`)
    writeFileSync(unfinished, content)
    renameSync(unfinished, join(folder, file))
  }
  for (const found of readdirSync(folder)) if (!files.has(found)) rmSync(join(folder, found), { recursive: true })
}

/**
 * Builds what `uses:` runs, from `sources` with the packages of `root`, and writes it to `out`, where nothing else is left. The same
 * sources and the same package-lock.json give the same bytes.
 */
export const buildDist = async (root: string, out: string, sources = join(root, 'src')): Promise<void> => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  // Inside the repository, so that node_modules is found, and always at the same depth.
  const stage = mkdtempSync(join(root, '.cache', 'stage-'))
  try {
    stageSources(sources, join(stage, 'src'))
    writeFileSync(join(stage, 'package.json'), '{ "type": "module" }\n')
    const files = await bundleAll(stage)
    carryPostgresParser(files)
    loadBuiltinsOnFirstUse(files)
    await minify(files)
    for (const [file, content] of stubs()) files.set(file, content)
    files.set('licences.txt', licences(root))
    replaceFolder(out, files)
  } finally {
    rmSync(stage, { recursive: true })
  }
}
