import { visit, type Document, type YAMLParseError, type YAMLWarning } from 'yaml'
import type { PlacedDocument, Position } from './positions.js'

/** A fault of the text itself, in words for people who did not write a YAML parser. */
export interface SyntaxProblem extends Position {
  readonly message: string
}

/** Everything by which a text is no YAML that we read: faults of syntax, tags and aliases that nothing explains. */
export function yamlProblems(placed: PlacedDocument, text: string): readonly SyntaxProblem[] {
  const faults = [...placed.document.errors, ...placed.document.warnings]
  const bottomless = faults.find((fault) => fault.message.includes('call stack'))
  if (bottomless !== undefined) return [{ ...placed.at(bottomless.pos[0]), message: 'is nested too deeply' }]
  const problems = [
    ...faults.map((fault) => ({ ...placed.at(fault.pos[0]), message: messageFor(fault, text) })),
    ...strayAliases(placed.document).map(({ name, offset }) => ({
      ...placed.at(offset),
      message: `the alias *${name} has no anchor &${name} before it`,
    })),
  ]
  return problems.filter(
    (one, index) =>
      problems.findIndex((other) => other.line === one.line && other.message === one.message) === index,
  )
}

function strayAliases(document: Document.Parsed): readonly { name: string; offset: number }[] {
  const stray: { name: string; offset: number }[] = []
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined)
        stray.push({ name: alias.source, offset: alias.range?.[0] ?? 0 })
    },
  })
  return stray
}

function messageFor(fault: YAMLParseError | YAMLWarning, text: string): string {
  const word = /^[^\s:,[\]{}#]+/.exec(text.slice(fault.pos[0]))?.[0] ?? ''
  switch (fault.code) {
    case 'DUPLICATE_KEY':
      return `${word === '' ? 'a key' : word} is given twice in the same map; allowed: each key once`
    case 'TAB_AS_INDENT':
      return 'a tab; allowed: spaces for indentation'
    case 'NON_STRING_KEY':
      return 'a key that is no text; allowed: text as keys'
    case 'MULTIPLE_DOCS':
      return 'a second document (---); allowed: one document in a file'
    case 'TAG_RESOLVE_FAILED':
      return `the tag ${word} is not known; allowed: plain YAML without tags`
    default:
      return `no valid YAML: ${fault.message.split('\n')[0]}`
  }
}
