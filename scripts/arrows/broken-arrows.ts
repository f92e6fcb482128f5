import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { aRoomForEach, house, strangersToTheSources, type Room } from './house.ts'
import { findCycles } from './cycles.ts'
import { readGlobals } from './read-globals.ts'
import { readImports, type Import } from './read-imports.ts'

/** Where an import leads: a path from the root (`src/rollout/weight.ts`), or the specifier if it is no path. */
const target = (file: string, specifier: string): string => {
  if (!specifier.startsWith('.')) return specifier
  return normalize(join(dirname(file), specifier)).replace(/\.js$/, '.ts')
}

/** `yaml` allows `yaml` and `yaml/x`; `node:` allows `node:fs`; `src/config/` allows what lies in it. */
const allows = (prefixes: readonly string[], path: string): boolean =>
  prefixes.some((prefix) =>
    /[:/]$/.test(prefix) || prefix.startsWith('src/')
      ? path.startsWith(prefix)
      : path === prefix || path.startsWith(`${prefix}/`),
  )

/** The folder whose files may import each other freely: the room's, or one adapter's own. */
const ownFolder = (file: string, room: Room): string => {
  const shared = aRoomForEach.find((folder) => room.folder === folder)
  return shared === undefined
    ? room.folder
    : (/^[^/]+\/[^/]+\/[^/]+/.exec(file)?.[0] ?? file).replace(/\.ts$/, '')
}

const permits = (file: string, room: Room, { specifier, kind }: Import): boolean => {
  const path = target(file, specifier)
  if (path.startsWith(ownFolder(file, room)) || allows(room.values, path)) return true
  if (kind === 'type') return allows(room.types ?? [], path)
  return kind === 'dynamic' && allows(room.lazily ?? [], path)
}

const brokenIn = (file: string, source: ts.SourceFile): string[] => {
  const imports = readImports(source)
  if (strangersToTheSources.some((folder) => file.startsWith(folder)))
    return imports
      .filter(({ specifier }) => target(file, specifier).startsWith('src/'))
      .map(({ specifier, line }) => `${file}:${line}: imports ${specifier}, but must know nothing of src/`)
  const room = house.find(({ folder }) => file.startsWith(folder))
  if (room === undefined)
    return file.startsWith('src/')
      ? [`${file}: lies in no folder of the house; see scripts/arrows/house.ts`]
      : []
  return [
    ...imports
      .filter((one) => !permits(file, room, one))
      .map(
        ({ specifier, line, kind }) =>
          `${file}:${line}: ${room.folder} may not import ${specifier} (${kind})`,
      ),
    ...readGlobals(source, new Set(room.globals)).map(
      ({ name, line }) => `${file}:${line}: ${room.folder} may not use ${name}: it is given a port for that`,
    ),
  ]
}

/** Every TypeScript file below the folders that have rules, as path from the root. */
const filesOf = (root: string): string[] =>
  ['src', 'test']
    .filter((top) => existsSync(join(root, top)))
    .flatMap((top) =>
      readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((name) => join(top, name)),
    )
    .filter((file) => file.endsWith('.ts'))
    .sort()

/** Everything in the repository at `root` that breaks the arrows, or goes round in a circle; one line each. */
export const brokenArrows = (root: string): string[] => {
  const broken: string[] = []
  const edges = new Map<string, string[]>()
  for (const file of filesOf(root)) {
    const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ES2024)
    broken.push(...brokenIn(file, source))
    const loaded = readImports(source).filter(({ kind }) => kind === 'value')
    edges.set(
      file,
      loaded.map(({ specifier }) => target(file, specifier)),
    )
  }
  return [
    ...broken,
    ...findCycles(edges).map((cycle) => `${cycle.join(' → ')}: import each other in a circle`),
  ]
}
