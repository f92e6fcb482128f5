/**
 * `npm run config:generate` writes what is made from the schema of rollout.yml: the JSON Schema that editors complete
 * from, and the tables of keys in docs/configuration.md; and the JSON Schemas of what `npm run judge` reads.
 * `npm run check:config` (`--check`) says what is not current and writes nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { emitJsonSchema, SCHEMA_FILE } from '../src/config/emit/json-schema.ts'
import { keyTable } from '../src/config/emit/key-table.ts'
import { judgeSchemas } from './judge-schemas.ts'

const root = join(import.meta.dirname, '..')

const PAGE = 'docs/configuration.md'
const BEGIN = '<!-- keys: generated from the schema by npm run config:generate -->'
const END = '<!-- end of keys -->'
const SKELETON = `# rollout.yml\n\nEvery key of \`.github/rollout.yml\`.\n\n${BEGIN}\n${END}\n`

const readOr = (file: string, otherwise: string): string =>
  existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : otherwise

const pageWithKeys = (page: string): string => {
  const from = page.indexOf(BEGIN)
  const to = page.indexOf(END)
  if (from < 0 || to < from)
    throw new Error(`${PAGE} has no place for the keys. Add two lines:\n${BEGIN}\n${END}`)
  // The formatter would pad every cell to the widest one.
  const block = [BEGIN, '<!-- prettier-ignore-start -->', keyTable(), '<!-- prettier-ignore-end -->'].join(
    '\n\n',
  )
  return `${page.slice(0, from)}${block}\n\n${page.slice(to)}`
}

const wanted: readonly (readonly [string, string])[] = [
  [SCHEMA_FILE, emitJsonSchema()],
  [PAGE, pageWithKeys(readOr(PAGE, SKELETON))],
  ...judgeSchemas(),
]
const stale = wanted.filter(([file, content]) => readOr(file, '') !== content)

if (process.argv.includes('--check')) {
  for (const [file] of stale) console.error(`${file}: is not what the schema says`)
  if (stale.length > 0) {
    console.error('Run `npm run config:generate` and commit.')
    process.exitCode = 1
  } else console.log('JSON Schema and key tables are those of the schema')
} else {
  for (const [file, content] of stale) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), content)
    console.log(`${file} written`)
  }
}
