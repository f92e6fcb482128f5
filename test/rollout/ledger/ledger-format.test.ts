import { describe, expect, it } from '@jest/globals'
import { DamagedLedger, parseLedger, serializeLedger } from '../../../src/rollout/ledger/ledger-format.js'
import { at, ledgerOf, stageWith, step } from '../../memory/played-steps.js'

const LEAST = {
  format: { major: 1, minor: 0 },
  service: 'shop',
  environment: 'production',
  repository: 'acme/shop',
}
const parse = (document: unknown) => parseLedger(JSON.stringify(document), 'ConfigMap shop/tuesday')

describe('a ledger', () => {
  it('keeps fields that this code does not know, wherever they stand, through a whole rollout', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 5)
    const ledger = JSON.parse(stage.ledgers.text ?? '')
    const newer = {
      ...ledger,
      format: { major: 1, minor: 7 },
      budget: { left: 3 },
      stable: { ...ledger.stable, region: 'eu' },
      rollout: { ...ledger.rollout, ticket: 'T-1', candidate: { ...ledger.rollout.candidate, zone: 'b' } },
      retire: [{ place: 'blue', version: 'v0', after: '2099-01-01T00:00:00.000Z', grace: '5m' }],
    }
    stage.ledgers.text = JSON.stringify(newer)
    await stage.conductor().shift(step(25))
    expect(ledgerOf(stage)).toMatchObject({
      format: { major: 1, minor: 7 },
      budget: { left: 3 },
      stable: { region: 'eu' },
      rollout: { weight: 25, ticket: 'T-1', candidate: { zone: 'b' } },
      retire: [{ version: 'v0', grace: '5m' }],
    })
    await stage.conductor().shift(step(100))
    expect(ledgerOf(stage)).toMatchObject({
      format: { minor: 7 },
      budget: { left: 3 },
      stable: { zone: 'b' },
    })
  })

  it('of a newer major version is refused, and nothing is touched', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const text = JSON.stringify({ ...ledgerOf(stage), format: { major: 2, minor: 0 } })
    stage.ledgers.text = text
    const { split } = stage.world
    for (const work of [
      () => stage.conductor().shift(step(50)),
      () => stage.conductor().rollback({ jobStatus: 'failure' }),
      () => stage.conductor().finishJob('failure'),
    ]) {
      await expect(work()).rejects.toThrow('has format 2.0; this version reads 1.x')
    }
    expect(stage.ledgers.text).toBe(text)
    expect(stage.world.split).toEqual(split)
  })

  it.each([
    ['', 'cannot be read'],
    ['{"format"', 'cannot be read'],
    ['[]', 'it has no format'],
    ['"text"', 'it has no format'],
    ['{}', 'it has no format'],
    [JSON.stringify({ ...LEAST, format: {} }), 'no major version'],
    [JSON.stringify({ format: LEAST.format, service: 'shop' }), 'environment, repository missing'],
    [JSON.stringify({ ...LEAST, closed: {} }), 'wrong shape'],
    [JSON.stringify({ ...LEAST, places: [] }), 'wrong shape'],
    [JSON.stringify({ ...LEAST, rollout: {} }), 'wrong shape'],
  ])('that is damaged is never guessed: %j', (text, why) => {
    expect(() => parseLedger(text, 'file /x')).toThrow(DamagedLedger)
    expect(() => parseLedger(text, 'file /x')).toThrow(why)
    expect(() => parseLedger(text, 'file /x')).toThrow('the ledger at file /x')
  })

  it('is completed where an older minor version wrote fewer lists', () => {
    expect(parse(LEAST)).toMatchObject({
      closed: [],
      releases: [],
      excluded: [],
      retire: [],
      settled: [],
      places: {},
    })
    // Two ledgers do not share what was missing in both.
    expect(parse(LEAST).places).not.toBe(parse(LEAST).places)
  })

  it('is the same after being written and read', async () => {
    const stage = await stageWith('v1')
    await at(stage, 'v2', 25)
    const ledger = ledgerOf(stage)
    expect(parseLedger(serializeLedger(ledger), 'here')).toEqual(ledger)
  })

  it('is written without indentation, since the limit of the evidence counts compact text', () => {
    const numbers = Array.from({ length: 1_000 }, (_, i) => i)
    const ledger = parse({ ...LEAST, numbers })
    const text = serializeLedger(ledger)
    expect(text).toContain(JSON.stringify(numbers))
    expect(text.length).toBeLessThan(1.01 * JSON.stringify(ledger).length + 50)
  })
})
