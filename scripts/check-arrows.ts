/** `npm run check:arrows`: every import goes the way that scripts/arrows/house.ts allows. */
import { join } from 'node:path'
import { brokenArrows } from './arrows/broken-arrows.ts'

const broken = brokenArrows(join(import.meta.dirname, '..'))
for (const line of broken) console.error(line)
if (broken.length > 0) process.exitCode = 1
else console.log('every import follows the arrows')
