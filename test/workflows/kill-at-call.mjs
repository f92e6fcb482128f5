/**
 * Preloaded into the process of a step (NODE_OPTIONS=--import): writes down every call that leaves it, commands to the
 * supervisor and writes of the ledger, and kills it before or after the one that is named. What is shipped knows
 * nothing of it.
 *
 * KILL_STEP: the action; others are left alone. KILL_CALLS: the file for the calls. KILL_AT: the number of the call,
 * from 1; 0 never. KILL_WHEN: before or after. Only the first process of the action is watched.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const { KILL_STEP, KILL_CALLS = '', KILL_AT = '0', KILL_WHEN } = process.env
const step = /\/dist\/([\w-]+)\.js$/.exec(process.argv[1] ?? '')?.[1]
const over = `${KILL_CALLS}.over`

if (step !== undefined && step === KILL_STEP && !fs.existsSync(over)) watch()

function watch() {
  const { linkSync } = fs
  const { write } = net.Socket.prototype
  let calls = 0
  process.once('exit', () => fs.writeFileSync(over, 'ended'))

  const count = (name) => {
    calls += 1
    fs.appendFileSync(KILL_CALLS, `${name}\n`)
    const now = calls === Number(KILL_AT)
    if (now && KILL_WHEN === 'before') die()
    return now
  }

  fs.linkSync = (from, to) => {
    const last = count('ledger.write')
    linkSync(from, to)
    if (last) die()
  }
  net.Socket.prototype.write = function (data, ...rest) {
    const command = typeof data === 'string' ? /^\{"id":\d+,"command":"([\w-]+)"/.exec(data)?.[1] : undefined
    const last = command !== undefined && count(`supervisor.${command}`)
    if (last) this.prependOnceListener('data', die)
    return write.call(this, data, ...rest)
  }
  syncBuiltinESMExports()
}

function die() {
  fs.writeFileSync(over, 'killed')
  process.kill(process.pid, 'SIGKILL')
  // The signal is on its way; nothing more may happen until it is there.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
