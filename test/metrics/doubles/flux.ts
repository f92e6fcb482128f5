import type { Request } from './vendor-double.js'

/** What is wrong with a script, as InfluxDB would say. */
export class FluxError extends Error {}

/** A row of an answer. */
export type FluxRow = Readonly<Record<string, string | number>>

/** A script that was understood. */
export interface FluxScript {
  readonly bucket: string
  readonly startMs: number
  readonly stopMs: number
  /** Tables of rows. */
  run(requests: readonly Request[]): readonly (readonly FluxRow[])[]
}

const TEXT = '"((?:\\\\.|[^"\\\\])*)"'
const OPTION = new RegExp(
  `^((?:import "\\w+"\\s*)*)option v = \\{timeRangeStart: (\\S+Z), timeRangeStop: (\\S+Z), windowPeriod: 10000ms(?:, defaultBucket: ${TEXT})?\\}\\n`,
)
const SOURCE = new RegExp(
  `^\\s*from\\(bucket: (?:v\\.defaultBucket|${TEXT})\\)\\s*\\|> range\\(start: v\\.timeRangeStart, stop: v\\.timeRangeStop\\)\\s*\\|> filter\\(fn: \\(r\\) => ([^)]*)\\)`,
)

/**
 * As much of Flux as is asked for here, written from https://docs.influxdata.com/flux/v0/spec/ (imports before options,
 * escapes of texts, `${` begins an expression), https://docs.influxdata.com/flux/v0/stdlib/universe/range/ (start included,
 * stop not), …/sum/ (a table for each series) and …/histogram/ (`le`, cumulative).
 */
export function parseFlux(script: string): FluxScript {
  const option = OPTION.exec(script)
  if (option === null) throw new FluxError('compilation failed: error @1:1: undefined identifier v')
  const [head, , start = '', stop = '', defaultBucket] = option
  const source = SOURCE.exec(script.slice(head.length))
  if (source === null)
    throw new FluxError(`compilation failed: error @2:1: invalid statement: ${script.slice(head.length)}`)
  const [pipeline, bucket, condition = ''] = source
  const rest = script.slice(head.length + pipeline.length).trim()
  const conditions = conditionsOf(condition)
  return {
    bucket: textOf(bucket ?? defaultBucket ?? ''),
    startMs: Date.parse(start),
    stopMs: Date.parse(stop),
    run: (requests) => tablesOf(requests, conditions, rest),
  }
}

function conditionsOf(text: string): ReadonlyMap<string, string> {
  const conditions = new Map<string, string>()
  const one = new RegExp(`\\s*r\\.(\\w+) == ${TEXT}(?: and )?`, 'y')
  while (one.lastIndex < text.length) {
    const found = one.exec(text)
    if (found === null) throw new FluxError(`compilation failed: error @3:1: unexpected token in ${text}`)
    conditions.set(found[1] ?? '', textOf(found[2] ?? ''))
  }
  return conditions
}

function textOf(inner: string): string {
  if (/(^|[^\\])(\\\\)*\$\{/.test(inner)) throw new FluxError('undefined identifier in string expression')
  return inner.replace(/\\(\$\{|.)/g, '$1')
}

function tablesOf(
  requests: readonly Request[],
  conditions: ReadonlyMap<string, string>,
  rest: string,
): readonly (readonly FluxRow[])[] {
  const wanted = requests.filter(({ slot }) => slot === conditions.get('slot'))
  if (conditions.get('_measurement') !== 'http') return []
  const field = conditions.get('_field')
  const bins = /^\|> group\(\)\s*\|> histogram\(bins: \[([^\]]*)\]\)$/.exec(rest)?.[1]
  if (field === 'duration' && bins !== undefined) {
    const edges = bins.split(', ').map((bin) => (bin === 'float(v: "+Inf")' ? Infinity : Number(bin)))
    const rows = edges.map((le) => ({
      le: le === Infinity ? '+Inf' : le,
      _value: wanted.filter(({ ms }) => ms / 1_000 <= le).length,
    }))
    return wanted.length === 0 ? [] : [rows]
  }
  if (rest === '|> mean()' && field === 'duration') {
    const mean = wanted.reduce((sum, { ms }) => sum + ms / 1_000, 0) / wanted.length
    return wanted.length === 0 ? [] : [[{ host: 'a', _value: mean }]]
  }
  if (rest !== '|> sum()') throw new FluxError(`compilation failed: error @4:1: ${rest}`)
  const counted = field === 'errors' ? wanted.filter(({ bad }) => bad) : wanted
  // Two hosts wrote them, and one may not have had any.
  const [one, other] = [
    counted.filter((_, index) => index % 3 === 0),
    counted.filter((_, index) => index % 3 !== 0),
  ]
  return [one, other].flatMap((part, index) =>
    part.length === 0 ? [] : [[{ host: `host,"${index}"`, _value: part.length }]],
  )
}
