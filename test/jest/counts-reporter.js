import { writeSync } from 'node:fs'

/**
 * Ends the run with the counts alone on a line, the form that `.ci/run` sums up. Written when the process exits,
 * since jest prints its own summary after the last reporter has been told. A test file that could not be loaded
 * counts as one failed test: else a syntax error would read as "0 failed".
 */
export default class CountsReporter {
  onRunComplete(_contexts, results) {
    const passed = results.numPassedTests
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    const skipped = results.numPendingTests + results.numTodoTests
    process.once('exit', () => writeSync(1, `${passed} passed, ${failed} failed, ${skipped} skipped\n`))
  }
}
