import { parentPort } from 'node:worker_threads'
import { loadShipped } from './shipped.ts'
import { simulateRuns, type Chunk } from './simulate-runs.ts'

const shipped = await loadShipped()
parentPort?.on('message', (chunk: Chunk) => parentPort?.postMessage(simulateRuns(shipped, chunk)))
