import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Chunk } from './simulate-runs.ts'

/** Simulates chunks on several threads. What comes of them depends neither on how many there are nor on who is faster. */
export const simulateAll = async (
  chunks: readonly Chunk[],
  threads: number,
  done: (chunk: Chunk) => void,
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const waiting = [...chunks]
  const found = new Map<Chunk, readonly number[]>()
  const work = async (): Promise<void> => {
    const worker = new Worker(join(import.meta.dirname, 'worker.ts'))
    for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
      worker.postMessage(chunk)
      const [seconds] = (await once(worker, 'message')) as [readonly number[]]
      found.set(chunk, seconds)
      done(chunk)
    }
    await worker.terminate()
  }
  await Promise.all(Array.from({ length: threads }, work))
  const byRow = Map.groupBy(chunks, ({ rowId }) => rowId)
  return new Map(
    [...byRow].map(([rowId, ofRow]) => [rowId, ofRow.flatMap((chunk) => found.get(chunk) ?? [])]),
  )
}
