import { describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  isAlive,
  processStart,
  startFromPs,
} from '../../../src/platforms/local/supervisor/process-identity.js'

// Both ways of asking, on every system that has both.
describe.each([
  ['the system', processStart],
  ['ps, as on macOS', startFromPs],
])('a process asked of %s', (_, startOf) => {
  it('has one start, which stays', async () => {
    const before = startOf(process.pid)
    expect(before).toMatch(/\S/)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(startOf(process.pid)).toBe(before)
  })

  it('is gone when it has ended', async () => {
    const child = spawn('sleep', ['60'])
    expect(startOf(child.pid ?? 0)).toMatch(/\S/)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(startOf(child.pid ?? 0)).toBeUndefined()
  })
})

describe('a process', () => {
  it('that is a zombie, which nobody has reaped, is not alive', async () => {
    // The shell starts a child that ends soon, becomes a program that never asks for it, and so keeps it a zombie.
    const shell = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'])
    const [printed] = (await once(shell.stdout, 'data')) as [Buffer]
    const zombie = Number(printed.toString())
    const deadline = performance.now() + 5_000
    while (startFromPs(zombie) !== undefined && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(() => process.kill(zombie, 0)).not.toThrow()
    expect(processStart(zombie)).toBeUndefined()
    expect(startFromPs(zombie)).toBeUndefined()
    shell.kill('SIGKILL')
    await once(shell, 'exit')
  })

  it('is not the one that had its id at another time', () => {
    const start = processStart(process.pid) ?? ''
    expect(isAlive(process.pid, start)).toBe(true)
    expect(isAlive(process.pid, `${start}0`)).toBe(false)
  })
})
