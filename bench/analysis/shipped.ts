import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { judge, judgeMannWhitney, judgeThreshold } from '../../src/replay/main.ts'

/** What `dist/` brings: the judge that `analyze` and `npm run judge` run, and its two other methods. */
export interface Shipped {
  readonly judge: typeof judge
  readonly judgeMannWhitney: typeof judgeMannWhitney
  readonly judgeThreshold: typeof judgeThreshold
}

const file = join(import.meta.dirname, '..', '..', 'dist', 'judging.js')

export const loadShipped = async (): Promise<Shipped> => (await import(pathToFileURL(file).href)) as Shipped

/** By which a figure can be told to be of this very code. */
export const shippedHash = (): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12)
