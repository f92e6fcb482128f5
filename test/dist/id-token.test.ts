import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

const run = promisify(execFile)

/** Bundles in a process of its own: the bundler changes the working directory. */
const bundler = `
  import { writeFileSync } from 'node:fs'
  import { bundle } from ${JSON.stringify(join(process.cwd(), 'scripts/dist/bundle.ts'))}
  import { minify } from ${JSON.stringify(join(process.cwd(), 'scripts/dist/minify.ts'))}
  const files = await bundle(process.argv[1], 'main.js', 'bundle')
  await minify(files)
  for (const [file, content] of files) writeFileSync(process.argv[1] + '/out/' + file, content)
`
const program = `
  import { registerHooks } from 'node:module'
  const loaded = []
  registerHooks({ load(url, context, next) { loaded.push(url.replace(/^.*\\//, '')); return next(url, context) } })
  const { getIDToken } = await import('./out/bundle.js')
  const before = loaded.length
  const token = await getIDToken('sts.example.com')
  console.log(JSON.stringify({ token, filesAtStart: before, filesAfter: loaded.length }))
`

describe('core.getIDToken in a bundle that is built as dist/ is', () => {
  let folder = ''
  let server: Server | undefined
  beforeAll(async () => {
    mkdirSync('.cache', { recursive: true })
    folder = mkdtempSync(join(process.cwd(), '.cache', 'id-token-'))
    mkdirSync(join(folder, 'out'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'main.js'), "export { getIDToken } from '@actions/core'\n")
    await run('node_modules/.bin/node', ['--no-warnings', '--input-type=module', '-e', bundler, folder])
    writeFileSync(join(folder, 'program.mjs'), program)
  }, 60_000)
  afterAll(() => {
    server?.close()
    rmSync(folder, { recursive: true })
  })

  it('leaves undici out of the file that is loaded at the start', () => {
    expect(readFileSync(join(folder, 'out/bundle.js'), 'utf8')).not.toContain('undici')
  })

  it('fetches the token, loading the HTTP client only then', async () => {
    const asked: (string | undefined)[] = []
    const endpoint = createServer((request, response) => {
      asked.push(request.url, request.headers.authorization)
      response.setHeader('content-type', 'application/json').end('{"value":"a.signed.token"}')
    })
    server = endpoint
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve))
    const { port } = endpoint.address() as AddressInfo
    const { stdout } = await run('node_modules/.bin/node', ['--no-warnings', join(folder, 'program.mjs')], {
      env: {
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
      },
    })
    const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
    expect(result['token']).toBe('a.signed.token')
    expect(asked).toEqual(['/token?api-version=2.0&audience=sts.example.com', 'Bearer request-token'])
    expect(Number(result['filesAfter'])).toBeGreaterThan(Number(result['filesAtStart']))
  })
})
