import { afterEach, describe, expect, it } from '@jest/globals'
import { boundedJson, TooNested } from '../../../src/metrics/http/bounded-json.js'
import { MetricsServer } from '../../../src/metrics/http/metrics-server.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { VirtualClock } from '../../memory/virtual-clock.js'
import { ScriptedServer, text } from './scripted-server.js'

const open: ScriptedServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

const MEBIBYTE = 1_048_576

describe('JSON of a server', () => {
  it.each([
    ['[1, "a]\\"[", {"b": [[]]}, null]', [1, 'a]"[', { b: [[]] }, null]],
    [`"${'['.repeat(5_000)}"`, '['.repeat(5_000)],
    [`["\\\\", ${'['.repeat(50)}${']'.repeat(50)}]`, ['\\', JSON.parse('['.repeat(50) + ']'.repeat(50))]],
  ])('is read: %.40s', (given, value) => {
    expect(boundedJson(given)).toEqual(value)
  })

  it('is read where it is as many samples as may be in an answer', () => {
    const samples = `[${'[1767697200.123,"12345"],'.repeat(650_000)}0]`
    expect(boundedJson(samples)).toHaveLength(650_001)
  })

  it.each([
    ['['.repeat(MEBIBYTE), 'lists and maps more than 100 deep in each other'],
    ['{"a":'.repeat(MEBIBYTE), 'lists and maps more than 100 deep in each other'],
    [`[${'[],'.repeat(MEBIBYTE)}0]`, 'more than 700000 lists and maps'],
  ])('is not read where reading it would stop everything else: %.10s', (given, why) => {
    expect(() => boundedJson(given)).toThrow(new TooNested(why))
  })

  it('that nobody may read is refused in one line, as an answer and in a refusal', async () => {
    const server = new ScriptedServer([text('['.repeat(15 * MEBIBYTE)), text('['.repeat(15 * MEBIBYTE), 400)])
    open.push(server)
    const url = await server.listen()
    const context = {
      clock: new VirtualClock(),
      signal: new AbortController().signal,
      service: 'shop',
      warn: () => undefined,
    }
    const client = new MetricsServer('source', { url }, context)
    const answered = client.json({ path: '/' })
    await expect(answered).rejects.toThrow(UserError)
    await expect(answered).rejects.toMatchObject({
      message: `source at ${url} answered with lists and maps more than 100 deep in each other: that is not read`,
      hint: expect.stringContaining('ask for less'),
    })
    await expect(client.json({ path: '/' })).rejects.toThrow(
      / answered 400: "\[{100,300}… \(15728640 characters\)"$/,
    )
  })
})
