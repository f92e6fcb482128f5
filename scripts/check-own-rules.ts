/**
 * `npm run check:rules`: what no linter of its own looks after. Failures are not waved through in our own CI,
 * files are named in kebab-case after the one idea in them, and every command that is named somewhere exists.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const { stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
const files = stdout.split('\0').filter((file) => file !== '' && !file.startsWith('dist/'))

interface Rule {
  readonly where: RegExp
  readonly never: RegExp
  readonly because: string
}

const rules: readonly Rule[] = [
  {
    where: /^(\.ci\/|\.github\/workflows\/|package\.json$|scripts\/)/,
    never: /\|\|\s*(true|:)(?![\w'"])/,
    because: 'a failure that is waved through is never mended',
  },
  {
    where: /^(\.ci\/|\.github\/workflows\/)/,
    never: /continue-on-error/,
    because: 'a failure that is waved through is never mended',
  },
]

const nameless = /^(utils?|helpers?|common|misc|types)\.(ts|mjs|js)$/

const problemsOf = (file: string): string[] => {
  const found: string[] = []
  if (/^(src|scripts|test|bench|demo)\//.test(file) && /\.(ts|mjs|js)$/.test(file)) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*$/.test(basename(file)))
      found.push(`${file}: name it in kebab-case`)
    if (nameless.test(basename(file))) found.push(`${file}: name it after the one idea in it`)
  }
  const applying = rules.filter(({ where }) => where.test(file))
  if (applying.length === 0) return found
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      for (const { never, because } of applying)
        if (never.test(line)) found.push(`${file}:${index + 1}: ${line.trim()} (${because})`)
    })
  return found
}

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

/** Commands that a page, a workflow or a comment names and package.json does not have. */
const unknownCommands = (file: string): string[] =>
  /\.(md|ya?ml|ts|mjs|js)$|^\.ci\//.test(file)
    ? [...readFileSync(join(root, file), 'utf8').matchAll(/\bnpm run ([a-z][a-z:-]*[a-z])/g)]
        .filter(([, name]) => name !== undefined && !(name in scripts))
        .map(([command]) => `${file}: there is no \`${command}\``)
    : []

const problems = files.flatMap((file) => [...problemsOf(file), ...unknownCommands(file)])
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`${files.length} files keep the rules`)
