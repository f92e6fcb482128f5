/** `npm run build`: writes dist/, which is committed, since `uses:` runs what the repository holds. */
import { join } from 'node:path'
import { buildDist } from './dist/build-dist.ts'

const root = join(import.meta.dirname, '..')
await buildDist(root, join(root, 'dist'))
