import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from '@jest/globals'
import postgres from 'postgres'
import { startGitHubApi } from '../github-api/github-api.ts'
import { startPostgres } from '../testbed/postgres.ts'
import { watchCommandLines } from './command-lines.ts'
import { conclusions, expectNothingLost, resultOf } from './expectations.ts'
import { filesThatContain } from './files-that-contain.ts'
import { scenario } from './scenario.ts'
import { canary, deploy, job, rollback, smoke, uses, workflow } from './workflow-text.ts'

const marker = (of: string): string => `marker-${of}-${randomBytes(12).toString('hex')}`
/** Where each of them comes in. */
const MARKERS = {
  password: marker('password'),
  wrongPassword: marker('wrong'),
  smokeToken: marker('smoke'),
  masked: marker('masked'),
  serviceLog: marker('service'),
}

const COMMIT = 'c'.repeat(40)

const SMOKE = `
environments:
  production:
    smoke:
      - { name: with a token, path: /, headers: { authorization: 'Bearer \${SMOKE_TOKEN}', x-licence: '\${LICENCE}' }, contains: sample }
`

describe('secrets', () => {
  scenario(
    'in inputs, environment, masks and the log of the service are in no log, output, state, ledger, summary, report or command line',
    async (stage) => {
      const database = await startPostgres()
      const github = await startGitHubApi({
        'acme/shop': { commits: { [COMMIT]: [] }, refs: { 'refs/heads/main': COMMIT } },
      })
      const commandLines = watchCommandLines()
      try {
        stage.writeConfig({ more: SMOKE, timing: { 'ready-deadline': '5s' } })
        writeMigration(stage.source)
        await stage.live('v1', { environment: 'production' })
        const load = await stage.underLoad()
        const token = github.tokens.issue('acme/shop', { deployments: 'write', contents: 'read' })
        const options = {
          apiUrl: github.url,
          sha: COMMIT,
          secrets: {
            DATABASE_URL: await urlOfMember(database.url),
            WRONG_URL: wrongUrl(database.url),
            SMOKE_TOKEN: MARKERS.smokeToken,
            TOKEN: token,
          },
          vars: { LICENCE: MARKERS.masked },
        }
        const given = { environment: 'production', token: '${{ secrets.TOKEN }}' }
        const env = '{ SMOKE_TOKEN: "${{ secrets.SMOKE_TOKEN }}", LICENCE: "${{ vars.LICENCE }}" }'
        const migrate = (url: string, id: string): string =>
          uses(
            'migrate',
            { phase: 'expand', directory: 'migrations', 'database-url': `\${{ secrets.${url} }}`, ...given },
            [`id: ${id}`],
          )
        const mask = '- run: echo "::add-mask::$LICENCE"'

        const good = await stage.run(
          workflow(
            job({
              id: 'release',
              env,
              steps: [
                mask,
                migrate('DATABASE_URL', 'migrate'),
                deploy('v2', given),
                smoke(given),
                canary(25, { hold: '0s', ...given }),
                uses('analyze', { for: '4s', ...given }, ['id: analyze']),
                canary(100, given),
              ],
            }),
          ),
          options,
        )
        expect(conclusions(good).run).toBe('success')
        expect(resultOf(good, 'migrate').outputs['applied']).not.toBe('')
        await stage.gone('v1')

        stage.platform.fault('v3', { NEVER_READY: true })
        const bad = await stage.run(
          workflow(job({ id: 'release', env, steps: [mask, deploy('v3', given), rollback(given)] })),
          options,
        )
        expect(conclusions(bad).run).toBe('failure')
        // The log of the service is shown, with the secret in it taken out.
        expect(resultOf(bad, 'deploy').log).toContain('started with ***')
        const refused = await stage.run(
          workflow(job({ id: 'release', env, steps: [migrate('WRONG_URL', 'refused')] })),
          options,
        )
        expect(conclusions(refused).run).toBe('failure')
        await stage.gone('v3')
        load.mark('end')

        const secrets = [...Object.values(MARKERS), token]
        const told = {
          runs: [good, bad, refused],
          github: github.requests.map(({ path, query, body }) => ({ path, query, body })),
        }
        expect(secrets.filter((secret) => JSON.stringify(told).includes(secret))).toEqual([])
        expect(github.repository('acme/shop').deployments.length).toBeGreaterThan(0)
        expect(filesThatContain(stage.folder, secrets, (path) => stage.platform.isOwnLog(path))).toEqual([])
        expect(commandLines.thatContain(secrets)).toEqual([])
        expectNothingLost(await stage.findings(), { candidate: 'v2' })
      } finally {
        commandLines.stop()
        await github.stop()
        await database.stop()
      }
    },
    { variables: { PRINT_SECRET: MARKERS.serviceLog } },
  )
})

function writeMigration(source: string): void {
  const folder = join(source, 'migrations')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '001_orders.sql'), 'create table orders_of_members (id text primary key);\n')
}

/** A user of the database whose password is a marker, with a character that must be escaped in an address. */
async function urlOfMember(url: string): Promise<string> {
  const sql = postgres(url, { max: 1 })
  const password = `@${MARKERS.password}`
  await sql.unsafe(`create role member login superuser password '${password}'`)
  await sql.end()
  const address = new URL(url)
  address.username = 'member'
  address.password = encodeURIComponent(password)
  return address.href
}

function wrongUrl(url: string): string {
  const address = new URL(url)
  address.password = MARKERS.wrongPassword
  return address.href
}
