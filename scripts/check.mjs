/** `npm run check`: every check, also after one has failed, and which of them did. */
import { spawnSync } from 'node:child_process'

const checks = [
  'typecheck',
  'lint',
  'check:format',
  'check:arrows',
  'check:rules',
  'check:workflows',
  'check:docs',
  'check:config',
  'check:archive',
]

const failed = checks.filter((check) => {
  const begin = performance.now()
  const { status } = spawnSync('npm', ['run', '--silent', check], { stdio: ['ignore', 'inherit', 'inherit'] })
  const seconds = ((performance.now() - begin) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${check}, ${seconds} s`)
  return status !== 0
})
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`)
  process.exitCode = 1
}
