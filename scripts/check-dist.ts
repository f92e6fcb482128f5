/**
 * `npm run check:dist`: builds dist/ again somewhere else and compares every byte, files that git ignores or does
 * not know included, since `uses:` can load whatever lies there.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildDist } from './dist/build-dist.ts'

const list = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()

const differences = (committed: string, rebuilt: string): string[] => {
  const before = new Set(list(committed))
  const after = new Set(list(rebuilt))
  return [...new Set([...before, ...after])].flatMap((file) => {
    if (!after.has(file)) return [`dist/${file}: no source builds it`]
    if (!before.has(file)) return [`dist/${file}: missing`]
    const same = readFileSync(join(committed, file)).equals(readFileSync(join(rebuilt, file)))
    return same ? [] : [`dist/${file}: differs from what the sources build`]
  })
}

const root = join(import.meta.dirname, '..')
const temporary = mkdtempSync(join(tmpdir(), 'tuesday-dist-'))
try {
  const rebuilt = join(temporary, 'dist')
  await buildDist(root, rebuilt)
  const found = differences(join(root, 'dist'), rebuilt)
  for (const line of found) console.error(line)
  if (found.length > 0) {
    console.error('Run `npm run build` and commit dist/.')
    process.exitCode = 1
  } else console.log(`dist/ is what the sources build: ${list(rebuilt).length} files, byte for byte`)
} finally {
  rmSync(temporary, { recursive: true })
}
