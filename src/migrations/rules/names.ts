import type { Node, RangeVar } from 'libpg-query'

/** How a table is written in messages, and told apart from others: `public` is where unqualified names go. */
export function tableName(relation: RangeVar | undefined): string {
  return qualified(relationParts(relation))
}

/** Schema, where one is written, and name. */
export function relationParts(relation: RangeVar | undefined): string[] {
  return [relation?.schemaname, relation?.relname].flatMap((part) =>
    part === undefined || part === '' ? [] : [part],
  )
}

/** The name of whatever a node names. */
export function objectName(node: Node | undefined): string {
  return qualified(objectParts(node))
}

/** `a.b` is a list of two strings, a function has arguments, a type is a type. */
export function objectParts(node: Node | undefined): string[] {
  if (node === undefined) return []
  if ('RangeVar' in node) return relationParts(node.RangeVar)
  if ('List' in node) return strings(node.List.items)
  if ('TypeName' in node) return strings(node.TypeName.names)
  if ('ObjectWithArgs' in node) return strings(node.ObjectWithArgs.objname)
  return strings([node])
}

/** The text of each string in a list. */
export function strings(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((node) => ('String' in node ? [node.String.sval ?? ''] : []))
}

export function qualified(parts: readonly (string | undefined)[]): string {
  const present = parts.filter((part) => part !== undefined && part !== '')
  return (present[0] === 'public' ? present.slice(1) : present).join('.')
}
