/**
 * The end of `.ci/run`: sums the closing lines (`12 passed, 0 failed, 0 skipped`) of the outputs in a folder and
 * prints the sum the same way. A part that failed without a failed test of its own (a check, a missed bar) counts as
 * one failure, so that "0 failed" always means that everything is fine. No test may be skipped, none is retried:
 * the linter refuses both, and a skip that comes about otherwise fails here.
 *
 * node scripts/sum-counts.mjs FOLDER NUMBER-OF-FAILED-PARTS
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, failedParts] = process.argv.slice(2)
const closing = /^(\d+) passed, (\d+) failed, (\d+) skipped$/gm
const sum = [0, 0, 0]
let partsWithFailedTests = 0
for (const name of readdirSync(folder)) {
  const lines = [...readFileSync(join(folder, name), 'utf8').matchAll(closing)]
  for (const [, ...counts] of lines) counts.forEach((count, index) => (sum[index] += Number(count)))
  if (lines.some(([, , failed]) => Number(failed) > 0)) partsWithFailedTests += 1
}
const [passed, failedTests, skipped] = sum
const failed = failedTests + Math.max(0, Number(failedParts) - partsWithFailedTests)
if (skipped > 0) console.log('No test may be skipped: none is listed as one that cannot run everywhere.')
console.log('0 retried')
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
if (failed > 0 || skipped > 0 || passed === 0) process.exitCode = 1
