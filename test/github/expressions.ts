/** `${{ }}`: evaluates tokens and conditions against the contexts, by GitHub's own expression language. */
import { Evaluator, Lexer, Parser, data } from '@actions/expressions'
import { TokenType, type Token } from '@actions/expressions/lexer'
import type { FunctionDefinition } from '@actions/expressions/funcs/info'
import type { ExpressionData } from '@actions/expressions/data/expressiondata'
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
import { ensureStatusFunction, tokens } from './parser-library.ts'

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** How `success()`, `failure()`, `cancelled()` answer: from the job's status in steps, from `needs` in jobs. */
export interface StatusFunctions {
  success: boolean
  failure: boolean
  cancelled: boolean
}

/** Everything an expression can see. Contexts that are not given are null, as on GitHub. */
export interface Scope {
  contexts: JsonObject
  status?: StatusFunctions
  hashFiles?: (patterns: string[]) => string
}

const contextNames = [
  'github',
  'env',
  'vars',
  'job',
  'jobs',
  'steps',
  'runner',
  'secrets',
  'strategy',
  'matrix',
  'needs',
  'inputs',
]

/** The value of a token, expressions evaluated. */
export function evaluate(token: TemplateToken, scope: Scope): Json {
  if (token instanceof tokens.BasicExpressionToken) return toJson(evaluateExpression(token.expression, scope))
  if (token instanceof tokens.SequenceToken) return [...token].map((item) => evaluate(item, scope))
  if (token instanceof tokens.MappingToken) return evaluateMapping(token, scope)
  if (token instanceof tokens.StringToken) return token.value
  if (token instanceof tokens.NumberToken) return token.value
  if (token instanceof tokens.BooleanToken) return token.value
  return null
}

function evaluateMapping(
  token: Iterable<{ key: TemplateToken; value: TemplateToken }>,
  scope: Scope,
): JsonObject {
  const result: JsonObject = {}
  for (const { key, value } of token) result[evaluateString(key, scope)] = evaluate(value, scope)
  return result
}

/** The value of a token as the string GitHub makes of it: booleans `true`, null ``, objects `Object`. */
export function evaluateString(token: TemplateToken, scope: Scope): string {
  if (token instanceof tokens.BasicExpressionToken) {
    return evaluateExpression(token.expression, scope).coerceString()
  }
  return toExpressionData(evaluate(token, scope)).coerceString()
}

/** A mapping of strings, such as `env:`, `with:` and `outputs:`. */
export function evaluateStrings(token: TemplateToken | undefined, scope: Scope): Record<string, string> {
  if (token === undefined) return {}
  const value = evaluate(token, scope)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Error(`Expected a mapping, got ${JSON.stringify(value)}`)
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, toExpressionData(item).coerceString()]),
  )
}

/**
 * The answer of an `if:`. A condition without a status function means `success() && (…)`; one that is left out
 * means `success()`. Text around a `${{ }}` makes a non-empty string, which is true: GitHub's well-known trap.
 */
export function evaluateCondition(token: TemplateToken | undefined, scope: Scope): boolean {
  if (token === undefined) return scope.status?.success ?? true
  const written = token instanceof tokens.BasicExpressionToken ? token.expression : token.toString().trim()
  return evaluateRawCondition(
    written === '' ? 'success()' : ensureStatusFunction(written, token.definitionInfo),
    scope,
  )
}

/** A condition as it stands: `post-if` and `pre-if` get no `success()` of their own. */
export function evaluateRawCondition(expression: string, scope: Scope): boolean {
  const value = toJson(evaluateExpression(expression, scope))
  return !(value === null || value === false || value === '' || value === 0 || Number.isNaN(value))
}

/** Evaluates one expression, written without its `${{ }}`. Throws GitHub's own error for a wrong one. */
export function evaluateExpression(expression: string, scope: Scope): ExpressionData {
  const functions = functionsOf(scope)
  const parser = new Parser(lex(expression), contextNames, [...functions.values()])
  const contexts = new data.Dictionary(
    ...contextNames.map((key) => ({ key, value: toExpressionData(scope.contexts[key] ?? null) })),
  )
  return new Evaluator(parser.parse(), contexts, functions).evaluate()
}

/** The package's lexer turns only the first `''` of a string into `'`; GitHub's turns all of them. */
function lex(expression: string): Token[] {
  return new Lexer(expression).lex().tokens.map((token) => {
    if (token.type !== TokenType.STRING) return token
    return { ...token, value: token.lexeme.slice(1, -1).replaceAll("''", "'") }
  })
}

function functionsOf(scope: Scope): Map<string, FunctionDefinition> {
  const status = scope.status ?? { success: true, failure: false, cancelled: false }
  const answer = (name: string, value: boolean, maxArgs: number): [string, FunctionDefinition] => [
    name,
    { name, minArgs: 0, maxArgs, call: () => new data.BooleanData(value) },
  ]
  const hashFiles: FunctionDefinition = {
    name: 'hashfiles',
    minArgs: 1,
    maxArgs: 255,
    call: (...patterns) => {
      if (scope.hashFiles === undefined) throw new Error('hashFiles() has no workspace here')
      return new data.StringData(scope.hashFiles(patterns.map((pattern) => pattern.coerceString())))
    },
  }
  return new Map([
    answer('always', true, 0),
    answer('success', status.success, 255),
    answer('failure', status.failure, 255),
    answer('cancelled', status.cancelled, 0),
    ['hashfiles', hashFiles],
  ])
}

function toExpressionData(value: Json): ExpressionData {
  if (value === null) return new data.Null()
  if (typeof value === 'string') return new data.StringData(value)
  if (typeof value === 'number') return new data.NumberData(value)
  if (typeof value === 'boolean') return new data.BooleanData(value)
  if (Array.isArray(value)) return new data.Array(...value.map(toExpressionData))
  return new data.Dictionary(
    ...Object.entries(value).map(([key, item]) => ({ key, value: toExpressionData(item) })),
  )
}

function toJson(value: ExpressionData): Json {
  if (
    value instanceof data.StringData ||
    value instanceof data.NumberData ||
    value instanceof data.BooleanData
  ) {
    return value.value
  }
  if (value instanceof data.Array) return value.values().map(toJson)
  if (value instanceof data.Dictionary) {
    return Object.fromEntries(value.pairs().map((pair) => [pair.key, toJson(pair.value)]))
  }
  return null
}
