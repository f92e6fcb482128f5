import { describe, expect, it } from '@jest/globals'
import { readJudgedFile } from '../../src/replay/read-file.js'
import { UserError } from '../../src/rollout/user-error.js'

const share = { kind: 'share', requests: 950, bad: 1 }
const latency = { kind: 'latency', edgesMs: [10, 50], counts: [900, 45, 5] }

/** A file that can be judged, with something other in one place. */
function fileWith(change: (file: ReturnType<typeof sound>) => void): string {
  const file = sound()
  change(file)
  return JSON.stringify(file)
}

const sound = () => ({
  parameters: {
    rules: [{ name: 'errors', kind: 'share', tolerateRatio: 1.25 }] as Record<string, unknown>[],
    minSamples: 100,
    holdOver: true,
  } as Record<string, unknown> & { rules: Record<string, unknown>[] },
  blocks: [
    { fromMs: 1_000, toMs: 11_000, weight: 5, metrics: { errors: { stable: share, candidate: share } } },
  ] as Record<string, unknown>[],
})

const blockWith = (sample: unknown, fromMs = 11_000) => ({
  fromMs,
  toMs: fromMs + 10_000,
  weight: 5,
  metrics: { errors: { stable: sample } },
})

function refusal(text: string): UserError {
  try {
    readJudgedFile(text, 'blocks.json')
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('it was not refused')
}

describe('a file for the judge', () => {
  it('is read as it is written', () => {
    const text = fileWith(() => undefined)
    expect(readJudgedFile(text, 'blocks.json')).toEqual(JSON.parse(text))
  })

  it.each([
    share,
    { ...share, pods: { 'web-1': [500, 1], 'web-2': [450, 0] } },
    latency,
    { ...latency, pods: { 'web-1': [900, 45, 5] } },
    { kind: 'mean', count: 40, sum: -12.5, sumOfSquares: 52 },
    { kind: 'scalar', value: -0.4 },
    { ...share, requests: 0, bad: 0 },
  ])('may hold the sample %j', (sample) => {
    const text = fileWith((file) => {
      file.parameters.rules = [{ name: 'errors', kind: sample.kind }]
      file.blocks = [blockWith(sample)]
    })
    expect(readJudgedFile(text, 'blocks.json').blocks[0]?.metrics).toEqual({ errors: { stable: sample } })
  })

  it('may begin with a byte order mark', () => {
    const text = fileWith(() => undefined)
    expect(readJudgedFile(`\uFEFF${text}`, 'blocks.json')).toEqual(JSON.parse(text))
  })

  it.each([
    ['twice', 1_000],
    ['overlapping', 10_999],
    ['out of order', 0],
  ])('is refused with blocks %s', (_, fromMs) => {
    const { message } = refusal(fileWith((file) => file.blocks.push(blockWith(share, fromMs))))
    expect(message).toBe(
      `blocks.json: blocks[1].fromMs: given ${fromMs}; allowed: a moment from where blocks[0] ends, 11000, on`,
    )
  })

  it('may hold blocks of other metrics beside each other, and gaps', () => {
    const text = fileWith((file) => {
      file.blocks.push({ ...blockWith(share, 5_000), metrics: { slow: { stable: latency } } })
      file.blocks.push(blockWith(share, 50_000))
    })
    expect(readJudgedFile(text, 'blocks.json').blocks).toHaveLength(3)
  })

  it('names a problem once', () => {
    const text = fileWith(() => undefined).replace('"minSamples":100', '"minSamples":1e999')
    const lines = refusal(text).message.split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('parameters.minSamples')
  })

  it.each<[string, string, (file: ReturnType<typeof sound>) => void]>([
    [
      'parameters.minSamples',
      'given "100"; allowed: how many requests, a whole number from 0',
      (file) => (file.parameters['minSamples'] = '100'),
    ],
    ['parameters.holdOver', 'is missing', (file) => delete file.parameters['holdOver']],
    [
      'parameters.alpha',
      'given 2; allowed: a number from 1e-9 to 0.5',
      (file) => (file.parameters['alpha'] = 2),
    ],
    [
      'parameters.rules',
      'each with a name of its own',
      (file) => file.parameters.rules.push({ name: 'errors', kind: 'share' }),
    ],
    [
      'parameters.rules[0].kind',
      'given "shares"; allowed: share, latency, mean or scalar',
      (file) => Object.assign(file.parameters.rules[0] ?? {}, { kind: 'shares' }),
    ],
    [
      'parameters.rules[0].tolerateRatoi',
      'unknown key; did you mean tolerateRatio?; allowed here: name, kind',
      (file) => Object.assign(file.parameters.rules[0] ?? {}, { tolerateRatoi: 1 }),
    ],
    [
      'blocks[1]',
      'given 5; allowed: a map with fromMs, toMs, weight and metrics',
      (file) => file.blocks.push(5 as never),
    ],
    [
      'blocks[0].toMs',
      'given 1000; allowed: a moment after fromMs',
      (file) => Object.assign(file.blocks[0] ?? {}, { toMs: 1_000 }),
    ],
    [
      'blocks[0].weight',
      'given 500; allowed: a number from 0 to 100',
      (file) => Object.assign(file.blocks[0] ?? {}, { weight: 500 }),
    ],
    ['parameters.alpha', 'given 1;', (file) => (file.parameters['alpha'] = 1)],
    ['parameters.longestHoldMs', 'given 1e+308;', (file) => (file.parameters['longestHoldMs'] = 1e308)],
    [
      'parameters.passMargin.ratio',
      'given 0; allowed: a multiple of the value of stable, from 1',
      (file) => (file.parameters['passMargin'] = { ratio: 0, share: 0 }),
    ],
    [
      'parameters.rules[0].percentile',
      'given 100; allowed: a percentile above 0 and below 100',
      (file) => Object.assign(file.parameters.rules[0] ?? {}, { percentile: 100 }),
    ],
    [
      'parameters.rules[0].alphaWeight',
      'given 1e+308; allowed: a number from 0.000001 to 1000000',
      (file) => Object.assign(file.parameters.rules[0] ?? {}, { alphaWeight: 1e308 }),
    ],
    [
      'blocks[0].toMs',
      'given 1e+300; allowed: milliseconds since 1970',
      (file) => Object.assign(file.blocks[0] ?? {}, { toMs: 1e300 }),
    ],
    [
      'blocks[1].metrics.errors.stable.kind',
      'given "latency"; allowed: share, as the rule errors says',
      (file) => file.blocks.push(blockWith(latency)),
    ],
    ['noData', 'given ""; allowed: why there was no data', (file) => Object.assign(file, { noData: '' })],
  ])('is refused at %s: %s', (place, message, change) => {
    const line = refusal(fileWith(change)).message
    expect(line).toMatch(/^blocks\.json: [^\n]+$/)
    expect(line).toContain(`blocks.json: ${place}: `)
    expect(line).toContain(message)
  })

  it.each([
    [{ ...share, bad: 951 }, '.bad: given 951; allowed: at most as many as requests'],
    [{ ...share, bad: -1 }, '.bad: given -1; allowed: how many requests, a whole number from 0'],
    [{ ...share, bad: 0.5 }, '.bad: given 0.5; allowed: how many requests, a whole number from 0'],
    [{ ...share, bad: null }, '.bad: given null; allowed: how many requests, a whole number from 0'],
    [
      { kind: 'ratio' },
      '.kind: given "ratio"; allowed: a sample whose kind is share, latency, mean or scalar',
    ],
    [7, ': given 7; allowed: a sample whose kind is share, latency, mean or scalar'],
    [
      { ...latency, counts: [1, 2] },
      '.counts: given [1,2]; allowed: one count for each edge, and one for what is slower than the last',
    ],
    [
      { ...latency, edgesMs: [50, 10] },
      '.edgesMs: given [50,10]; allowed: at least one edge in milliseconds, each above 0 and above the one before',
    ],
    [{ kind: 'scalar', value: 'NaN' }, '.value: given "NaN"; allowed: a number from -1e120 to 1e120'],
    [{ kind: 'scalar', value: 1.7e308 }, '.value: given 1.7e+308; allowed: a number from -1e120 to 1e120'],
    [
      { kind: 'mean', count: 1, sum: 1e300, sumOfSquares: 1 },
      '.sum: given 1e+300; allowed: the sum of the values, a number from -1e120 to 1e120',
    ],
  ])('is refused with the sample %j', (sample, message) => {
    const text = fileWith((file) => file.blocks.push(blockWith(sample)))
    expect(refusal(text).message).toBe(`blocks.json: blocks[1].metrics.errors.stable${message}`)
  })

  it('is told everything that is wrong, a line each, and where to read on', () => {
    const error = refusal(
      fileWith((file) => {
        file.parameters['holdOver'] = 'yes'
        for (let i = 0; i < 30; i++) file.blocks.push(blockWith({ ...share, bad: 'many' }))
      }),
    )
    expect(error.message.split('\n')).toHaveLength(21)
    expect(error.message).toMatch(/… and 11 more$/)
    expect(error.hint).toContain('docs/judging.md')
  })

  it('that is a list is told so', () => {
    expect(refusal('[]').message).toBe(
      'blocks.json: the file: given []; allowed: a map with parameters and blocks',
    )
  })

  it('that is no JSON is told where it breaks off', () => {
    expect(refusal('{"parameters": {},,}').message).toMatch(/^blocks\.json: is no JSON: .*position 18/)
  })

  it('shows no more of a wrong value than fits into a line', () => {
    const text = fileWith((file) => (file.parameters['holdOver'] = 'x'.repeat(5_000)))
    expect(refusal(text).message.length).toBeLessThan(160)
  })
})
