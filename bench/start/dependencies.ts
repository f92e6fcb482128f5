import { mkdirSync, mkdtempSync, rmSync, statSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadBuiltinsOnFirstUse } from '../../scripts/dist/builtin-modules.ts'
import { bundle } from '../../scripts/dist/bundle.ts'
import { minify } from '../../scripts/dist/minify.ts'
import { carryPostgresParser } from '../../scripts/dist/postgres-parser.ts'
import { bareNode } from './bare-node.ts'
import { cpuTime } from './cpu-time.ts'
import { spreadOf } from './spread.ts'

/** What importing one dependency alone, bundled as in dist/, adds. */
export interface Dependency {
  readonly name: string
  /** Milliseconds of CPU beyond bare Node, median. */
  readonly milliseconds: number
  readonly bytes: number
}

const runs = 5

const namesOfDependencies = (root: string): string[] => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  return Object.keys(manifest.dependencies)
}

const measure = async (folder: string, name: string): Promise<Dependency> => {
  // Kept alive by an export, else it would be shaken out.
  writeFileSync(join(folder, 'main.js'), `import * as it from '${name}'\nexport const kept = () => it\n`)
  const files = await bundle(folder, 'main.js', 'bundle')
  carryPostgresParser(files)
  loadBuiltinsOnFirstUse(files)
  await minify(files)
  const out = mkdtempSync(join(folder, 'out-'))
  for (const [file, content] of files) writeFileSync(join(out, file), content)
  const program = { ...bareNode, arguments: [join(out, 'bundle.js')] }
  const added: number[] = []
  for (let run = 0; run < runs; run++) {
    const bare = await cpuTime(bareNode, '/dev/null')
    added.push((await cpuTime(program, '/dev/null')) - bare)
  }
  const bytes = [...files.keys()].reduce((sum, file) => sum + statSync(join(out, file)).size, 0)
  return { name, milliseconds: spreadOf(added).median, bytes }
}

/** Each dependency of package.json by itself, the costliest first. Those that steps load lazily are among them. */
export const measureDependencies = async (root: string): Promise<Dependency[]> => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache', 'dependency-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
    const measured: Dependency[] = []
    for (const name of namesOfDependencies(root)) measured.push(await measure(folder, name))
    return measured.toSorted((a, b) => b.milliseconds - a.milliseconds)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
