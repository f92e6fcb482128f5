import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Before the first scenario: starts the control, and tells the scenarios where its record is. */
export default async function startControl() {
  const main = join(import.meta.dirname, 'run-control.ts')
  const control = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(control, 'close')
  const ready = once(createInterface({ input: control.stdout }), 'line')
  const [records] = await Promise.race([ready, ended.then(([code]) => [undefined, code])])
  if (records === undefined) throw new Error('the control service did not start; what it printed is above')
  process.env.SCENARIO_CONTROLS = records
  globalThis.endOfControl = async () => {
    control.stdin.end()
    await ended
  }
}
