import type { SmokeResults } from './run-smoke-checks.js'

/** What smoke checks found, in one sentence: `2 of 3 smoke checks of v2 failed: page: status 500 instead of 200`. */
export function resultsInWords({ all, failed }: SmokeResults, version: string): string {
  const checks = all.length === 1 ? '1 smoke check' : `${all.length} smoke checks`
  if (failed.length === 0) return `${checks} of ${version} passed`
  const failures = failed.map(({ name, sentence }) => `${name}: ${sentence}`).join('; ')
  return `${howMany(failed.length, all.length, checks)} of ${version} failed: ${failures}`
}

function howMany(failed: number, all: number, checks: string): string {
  if (all === 1) return checks
  return failed === all ? `all ${checks}` : `${failed} of ${checks}`
}
