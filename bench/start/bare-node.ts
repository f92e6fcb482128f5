import { tmpdir } from 'node:os'
import type { Program } from './cpu-time.ts'

/** The other side of every ratio: the same Node that runs the step, doing nothing. */
export const bareNode: Program = {
  file: process.execPath,
  arguments: ['-e', '0'],
  directory: tmpdir(),
  environment: { NODE_DISABLE_COMPILE_CACHE: '1' },
}
