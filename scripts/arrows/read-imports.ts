import ts from 'typescript'

/** One import of a source file. */
export interface Import {
  /** As written: `./weight.js`, `node:fs`, `yaml`. */
  readonly specifier: string
  /** `type`: erased before it runs. `dynamic`: `import()`, loaded when reached. */
  readonly kind: 'value' | 'type' | 'dynamic'
  readonly line: number
}

const isTypeOnly = (node: ts.ImportDeclaration | ts.ExportDeclaration): boolean => {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.isTypeOnly) return true
  const named = clause.namedBindings
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((element) => element.isTypeOnly)
  )
}

/** What `node` itself imports: as a statement, as `import()`, or as `import('…')` in a type. */
const importOf = (node: ts.Node): Omit<Import, 'line'> | undefined => {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    const specifier = (node.moduleSpecifier as ts.StringLiteral).text
    return { specifier, kind: isTypeOnly(node) ? 'type' : 'value' }
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments
    const literal = argument !== undefined && ts.isStringLiteralLike(argument)
    return { specifier: literal ? argument.text : '(computed)', kind: 'dynamic' }
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return { specifier: (node.argument.literal as ts.StringLiteral).text, kind: 'type' }
  return undefined
}

/** Every import of a TypeScript source, re-exports and types included. */
export const readImports = (source: ts.SourceFile): Import[] => {
  const found: Import[] = []
  const visit = (node: ts.Node): void => {
    const one = importOf(node)
    if (one !== undefined)
      found.push({ ...one, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
