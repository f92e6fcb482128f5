/** One event of New Relic's: attributes by name. */
export type Event = Readonly<Record<string, string | number>>

/** What is wrong with a query, as New Relic would say. */
export class NrqlError extends Error {}

export interface NrqlQuery {
  readonly from: string
  readonly sinceMs: number
  readonly untilMs: number
  /** One row of results by their names. */
  row(events: readonly Event[]): Readonly<Record<string, unknown>>
}

type Condition = (event: Event) => boolean
type Aggregate = (events: readonly Event[]) => unknown

const TOKEN = /\s*('(?:\\.|[^'\\])*'|\d+(?:\.\d+)?|[A-Za-z_][\w.]*|<=|>=|!=|[=<>(),*])/y

/**
 * As much of NRQL as is asked for here, written from https://docs.newrelic.com/docs/nrql/nrql-syntax-clauses-functions/:
 * `SELECT … AS 'name', … FROM type WHERE condition SINCE ms UNTIL ms` with count, sum, average, filter, percentile, pow.
 * A text is in single quotes, in which a backslash takes the next sign as it is.
 */
export function parseNrql(text: string): NrqlQuery {
  return new Parser(tokensOf(text)).query()
}

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(text)?.[1]
    if (token === undefined)
      throw new NrqlError(`NRQL Syntax Error: Error at position ${at}, unexpected '${text[at]}'`)
    tokens.push(token)
  }
  return tokens
}

class Parser {
  readonly #tokens: string[]

  constructor(tokens: string[]) {
    this.#tokens = tokens
  }

  query(): NrqlQuery {
    this.#word('SELECT')
    const columns: [name: string, value: Aggregate][] = []
    do {
      const value = this.#aggregate()
      this.#word('AS')
      columns.push([this.#text(), value])
    } while (this.#taken(','))
    this.#word('FROM')
    const from = this.#next()
    this.#word('WHERE')
    const where = this.#condition()
    this.#word('SINCE')
    const sinceMs = Number(this.#next())
    this.#word('UNTIL')
    const untilMs = Number(this.#next())
    if (this.#tokens.length > 0) throw this.#unexpected(this.#tokens[0])
    const row = (events: readonly Event[]): Record<string, unknown> => {
      const matching = events.filter(where)
      return Object.fromEntries(columns.map(([name, value]) => [name, value(matching)]))
    }
    return { from, sinceMs, untilMs, row }
  }

  #aggregate(): Aggregate {
    const name = this.#next()
    this.#word('(')
    const aggregate = this.#body(name)
    this.#word(')')
    return aggregate
  }

  #body(name: string): Aggregate {
    if (name === 'filter') {
      const inner = this.#aggregate()
      this.#word(',')
      this.#word('WHERE')
      const where = this.#condition()
      return (events) => inner(events.filter(where))
    }
    if (name === 'count' && this.#taken('*')) return (events) => events.length
    const value = this.#value()
    const numbers = (events: readonly Event[]): number[] =>
      events.map(value).filter((one) => one !== undefined)
    if (name === 'count') return (events) => numbers(events).length
    if (name === 'sum') return (events) => numbers(events).reduce((sum, one) => sum + one, 0)
    if (name === 'percentile') {
      this.#word(',')
      const rank = this.#next()
      return (events) => {
        const rising = numbers(events).sort((one, other) => one - other)
        return { [rank]: rising[Math.ceil((rising.length * Number(rank)) / 100) - 1] ?? null }
      }
    }
    throw new NrqlError(`NRQL Syntax Error: unknown function ${name}`)
  }

  #value(): (event: Event) => number | undefined {
    const name = this.#next()
    if (name !== 'pow') return (event) => (typeof event[name] === 'number' ? event[name] : undefined)
    this.#word('(')
    const base = this.#value()
    this.#word(',')
    const exponent = Number(this.#next())
    this.#word(')')
    return (event) => {
      const value = base(event)
      return value === undefined ? undefined : value ** exponent
    }
  }

  #condition(): Condition {
    let all = this.#conjunction()
    while (this.#taken('OR')) {
      const [one, other] = [all, this.#conjunction()]
      all = (event) => one(event) || other(event)
    }
    return all
  }

  #conjunction(): Condition {
    let all = this.#comparison()
    while (this.#taken('AND')) {
      const [one, other] = [all, this.#comparison()]
      all = (event) => one(event) && other(event)
    }
    return all
  }

  #comparison(): Condition {
    if (this.#taken('(')) {
      const inner = this.#condition()
      this.#word(')')
      return inner
    }
    const name = this.#next()
    const operator = this.#next()
    const right = this.#next()
    const value = right.startsWith("'") ? unquoted(right) : Number(right)
    if (typeof value === 'number' && Number.isNaN(value)) throw this.#unexpected(right)
    if (operator === '=') return (event) => event[name] === value
    if (operator === '>=') return (event) => (event[name] ?? '') >= value
    if (operator === '<=') return (event) => event[name] !== undefined && event[name] <= value
    throw this.#unexpected(operator)
  }

  #text(): string {
    const token = this.#next()
    if (!token.startsWith("'")) throw this.#unexpected(token)
    return unquoted(token)
  }

  #word(word: string): void {
    const token = this.#next()
    if (token.toUpperCase() !== word) throw this.#unexpected(token)
  }

  #taken(word: string): boolean {
    if (this.#tokens[0]?.toUpperCase() !== word) return false
    this.#tokens.shift()
    return true
  }

  #next(): string {
    const token = this.#tokens.shift()
    if (token === undefined) throw this.#unexpected(undefined)
    return token
  }

  #unexpected(token: string | undefined): NrqlError {
    return new NrqlError(`NRQL Syntax Error: Error at line 1, unexpected '${token ?? 'end of query'}'`)
  }
}

function unquoted(token: string): string {
  return token.slice(1, -1).replace(/\\(.)/g, '$1')
}
