import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from '@jest/globals'
import { conclusions, expectNothingLost, expectShare, resultOf } from './expectations.ts'
import { scenario } from './scenario.ts'
import { job, rollback, uses, waitsFor, workflow } from './workflow-text.ts'

const SERVICE = { service: '${{ matrix.service }}' }

describe('two services in one workflow', () => {
  scenario(
    'a matrix brings both to 25 %, and a rollback that names none takes both back, the newest first',
    async (stage) => {
      await stage.live('v1', { service: 'shop' })
      await stage.live('v1', { service: 'cart' })
      await stage.underLoad()
      const go = join(stage.folder, 'go')
      const run = stage.start(
        workflow(
          job({
            id: 'canary',
            strategy: '{ max-parallel: 1, matrix: { service: [shop, cart] } }',
            steps: [
              uses('deploy', { version: 'v2', ...SERVICE }, ['id: deploy']),
              uses('canary-step', { weight: 25, hold: '0s', ...SERVICE }, ['id: w25']),
            ],
          }),
          job({
            id: 'verify',
            needs: 'canary',
            steps: [`${waitsFor(go, 'verify')}`, '- run: exit 1', rollback()],
          }),
        ),
      )
      await run.waitFor({ type: 'step-started', step: 'verify' }, { deadlineMs: 120_000 })
      const at25 = await stage.burst()
      writeFileSync(go, '')
      const result = await run.finished
      expect(conclusions(result)).toEqual({
        run: 'failure',
        'canary (shop)': 'success',
        'canary (cart)': 'success',
        verify: 'failure',
      })
      const { log, outputs } = resultOf(result, 'rollback')
      expect(outputs).toMatchObject({ result: 'rolled-back', 'restored-version': 'v1' })
      expect(log).toContain('shop: rolled back. v1 serves all requests')
      expect(log.indexOf('cart: rolled back')).toBeGreaterThan(-1)
      expect(log.indexOf('cart: rolled back')).toBeLessThan(log.indexOf('shop: rolled back'))
      await stage.gone('v2')
      await stage.gone('v2', stage.secondPlatform)
      const findings = await stage.findings()
      expectNothingLost(findings, { candidate: 'v2', returns: [{ from: at25.to }] })
      expectShare(findings, 'v2', 25, at25)
    },
    { second: 'cart' },
  )
})
