import ts from 'typescript'

/** A use of something that is simply there: `process.env`, `Date.now`, `setTimeout`. */
export interface GlobalUse {
  readonly name: string
  readonly line: number
}

/** Name of the expression if it is a plain chain of names (`process.env`); `new Date()` is `new Date`. */
const nameOf = (node: ts.Node): string | undefined => {
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && (node.arguments?.length ?? 0) === 0)
    return `new ${node.expression.text}`
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression))
    return `${node.expression.text}.${node.name.text}`
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) ? node.expression.text : undefined
}

/** Where a source uses one of `forbidden`: `name.property`, a call of `name`, or `new Name` without arguments. */
export const readGlobals = (source: ts.SourceFile, forbidden: ReadonlySet<string>): GlobalUse[] => {
  const found: GlobalUse[] = []
  const visit = (node: ts.Node): void => {
    const name = nameOf(node)
    const root = name?.replace(/\..*$/, '.*')
    if (name !== undefined && (forbidden.has(name) || (root !== undefined && forbidden.has(root))))
      found.push({ name, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}
