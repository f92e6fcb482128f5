/**
 * `npm run docs:generate` writes the tables of inputs and outputs into the READMEs; `npm run check:docs` (`--check`)
 * says which are not current and writes nothing. action.yml is the one place where they are described.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pages } from './docs/generated-parts.ts'

const root = join(import.meta.dirname, '..')
const stale = pages(root).filter(({ now, wanted }) => now !== wanted)
if (process.argv.includes('--check')) {
  for (const { file } of stale) console.error(`${file}: its tables are not those of action.yml`)
  if (stale.length > 0) {
    console.error('Run `npm run docs:generate` and commit.')
    process.exitCode = 1
  } else console.log('the tables of the READMEs are those of the action.yml files')
} else {
  for (const { file, wanted } of stale) {
    writeFileSync(join(root, file), wanted)
    console.log(`${file} written`)
  }
}
