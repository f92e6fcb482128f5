/**
 * `npm run check:archive`: every job that says `uses:` downloads the archive of the repository, so its size is paid
 * each time (trap 44). What only contributors need is left out by `export-ignore` in .gitattributes.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** Bytes, as downloaded. */
const limit = 3_000_000
const root = join(import.meta.dirname, '..')

const git = (...words: string[]): Buffer => {
  const { status, stdout, stderr } = spawnSync('git', words, { cwd: root, maxBuffer: 1 << 30 })
  if (status !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`)
  return stdout
}

const archive = git('archive', '--worktree-attributes', '--format=tar', 'HEAD')
const size = gzipSync(archive, { level: 6 }).length
const names = spawnSync('tar', ['-t'], { input: archive, encoding: 'utf8', maxBuffer: 1 << 28 }).stdout.split(
  '\n',
)
const needed = [
  'action.yml',
  'LICENSE',
  'dist/package.json',
  'dist/licences.txt',
  'actions/deploy/action.yml',
]
const missing = needed.filter((file) => !names.includes(file))
const superfluous = names.filter((name) => /^(test|demo|bench|node_modules)\/./.test(name))

console.log(`the archive of HEAD is ${(size / 1e6).toFixed(2)} MB compressed, at most ${limit / 1e6} MB`)
for (const file of missing) console.error(`${file} is not in it, but \`uses:\` needs it`)
for (const file of superfluous) console.error(`${file} is in it, but \`uses:\` does not need it`)
if (size > limit) console.error('It is too large: see .gitattributes and `npm run bench:start`.')
if (size > limit || missing.length > 0 || superfluous.length > 0) process.exitCode = 1
