import { build } from 'esbuild'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * The supervisor as one file, bundled from today's sources: tests start it as a step does, as a process of its own,
 * and dist/ may be older than the sources.
 */
export async function builtSupervisor(): Promise<{ entry: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'tuesday-supervisor-'))
  const entry = join(folder, 'local-supervisor.mjs')
  await build({
    entryPoints: [resolve('src/platforms/local/supervisor/main.ts')],
    outfile: entry,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'warning',
  })
  return { entry, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
