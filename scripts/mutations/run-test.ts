import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A test that takes longer than this does not end any more: in CI that is red too. */
const LONGEST_MS = 90_000

/** How a test run ended. `broken`: not one test was run, because a file could not be loaded or no name matched. */
export type Ending = 'red' | 'green' | 'broken'

interface Counts {
  readonly numFailedTests: number
  readonly numPassedTests: number
  readonly numRuntimeErrorTestSuites: number
}

/** Runs a test file of a checkout: the tests whose names contain any of `names`, or all if there are none. */
export async function runTests(root: string, file: string, names: readonly string[]): Promise<Ending> {
  const report = join(root, 'mutations.json')
  rmSync(report, { force: true })
  const args = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join('node_modules', 'jest', 'bin', 'jest.js'),
    '--runInBand',
    '--reporters',
    join(root, 'test', 'jest', 'counts-reporter.js'),
    '--json',
    `--outputFile=${report}`,
    `--cacheDirectory=${join(root, '.jest-cache')}`,
    ...(names.length === 0 ? [] : ['--testNamePattern', names.map(literally).join('|')]),
    '--runTestsByPath',
    file,
  ]
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' })
  const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
  const killed = await new Promise<boolean>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (_, signal) => resolve(signal === 'SIGKILL'))
  })
  clearTimeout(late)
  if (killed) return 'red'
  if (!existsSync(report)) return 'broken'
  const counts = JSON.parse(readFileSync(report, 'utf8')) as Counts
  if (counts.numRuntimeErrorTestSuites > 0) return 'broken'
  if (counts.numFailedTests > 0) return 'red'
  return counts.numPassedTests > 0 ? 'green' : 'broken'
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
