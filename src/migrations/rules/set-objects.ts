import type { Node } from 'libpg-query'
import { qualified, strings, tableName } from './names.js'

/**
 * What the set of migrations that runs now has created: no live release knows it, so nothing that is done to it can
 * break one. A set is what one run finds pending, and what an earlier run of it got done before it ended.
 */
export class SetObjects {
  /** Tables, views, indexes, types and functions by their names. */
  readonly #objects = new Set<string>()
  /** `table.column`, of columns that were added. */
  readonly #columns = new Set<string>()
  /** `table.column`, of columns in which NULL is known not to be. */
  readonly #filled = new Set<string>()

  created(name: string): boolean {
    return this.#objects.has(name)
  }

  addedColumn(table: string, column: string): boolean {
    return this.created(table) || this.#columns.has(`${table}.${column}`)
  }

  /** Whether the set itself saw to it that the column holds no NULL. */
  holdsNoNull(table: string, column: string): boolean {
    return this.created(table) || this.#filled.has(`${table}.${column}`)
  }

  /**
   * Takes note of what a statement creates.
   * @param existing relations that are there before it runs: `CREATE … IF NOT EXISTS` does not create them.
   */
  observe(node: Node, existing: ReadonlySet<string> = new Set()): void {
    for (const name of createdBy(node, existing)) this.#objects.add(name)
    if ('RenameStmt' in node) this.#followRename(node.RenameStmt)
    if ('AlterTableStmt' in node) this.#followAlter(node.AlterTableStmt)
  }

  #followRename({
    relation,
    renameType,
    newname,
  }: Extract<Node, { RenameStmt: unknown }>['RenameStmt']): void {
    if (renameType === 'OBJECT_COLUMN' || relation === undefined) return
    if (this.created(tableName(relation))) this.#objects.add(qualified([relation.schemaname, newname]))
  }

  #followAlter({ relation, cmds }: Extract<Node, { AlterTableStmt: unknown }>['AlterTableStmt']): void {
    const table = tableName(relation)
    for (const node of cmds ?? []) {
      if (!('AlterTableCmd' in node)) continue
      const { subtype, def } = node.AlterTableCmd
      if (subtype === 'AT_AddColumn' && def !== undefined && 'ColumnDef' in def) {
        this.#columns.add(`${table}.${def.ColumnDef.colname}`)
        if (hasDefault(def.ColumnDef)) this.#filled.add(`${table}.${def.ColumnDef.colname}`)
      }
      if (subtype === 'AT_AddConstraint' && def !== undefined && 'Constraint' in def) {
        const column = columnCheckedForNull(def.Constraint.raw_expr)
        if (column !== undefined) this.#filled.add(`${table}.${column}`)
      }
    }
  }
}

/** Names of relations that a statement creates unless they exist. */
export function createdIfMissing(node: Node): readonly string[] {
  if ('CreateStmt' in node && node.CreateStmt.if_not_exists === true)
    return [tableName(node.CreateStmt.relation)]
  if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.if_not_exists === true)
    return [tableName(node.CreateTableAsStmt.into?.rel)]
  return []
}

function createdBy(node: Node, existing: ReadonlySet<string>): string[] {
  const names = ((): string[] => {
    if ('CreateStmt' in node) return [tableName(node.CreateStmt.relation)]
    if ('CreateTableAsStmt' in node) return [tableName(node.CreateTableAsStmt.into?.rel)]
    if ('SelectStmt' in node && node.SelectStmt.intoClause !== undefined)
      return [tableName(node.SelectStmt.intoClause.rel)]
    if ('IndexStmt' in node) return [qualified([node.IndexStmt.relation?.schemaname, node.IndexStmt.idxname])]
    if ('ViewStmt' in node) return node.ViewStmt.replace === true ? [] : [tableName(node.ViewStmt.view)]
    if ('CreateSeqStmt' in node) return [tableName(node.CreateSeqStmt.sequence)]
    if ('CompositeTypeStmt' in node) return [tableName(node.CompositeTypeStmt.typevar)]
    if ('CreateEnumStmt' in node) return [qualified(strings(node.CreateEnumStmt.typeName))]
    if ('CreateDomainStmt' in node) return [qualified(strings(node.CreateDomainStmt.domainname))]
    if ('CreateSchemaStmt' in node) return [node.CreateSchemaStmt.schemaname ?? '']
    if ('CreateFunctionStmt' in node && node.CreateFunctionStmt.replace !== true)
      return [qualified(strings(node.CreateFunctionStmt.funcname))]
    return []
  })()
  return names.filter((name) => name !== '' && !(createdIfMissing(node).includes(name) && existing.has(name)))
}

type ColumnDef = Extract<Node, { ColumnDef: unknown }>['ColumnDef']

/** Whether a new row gets a value without naming the column. `DEFAULT NULL` gives none. */
export function hasDefault({ typeName, constraints }: ColumnDef): boolean {
  const kinds = (constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []))
  const given = kinds.some(
    ({ contype, raw_expr: expression }) =>
      contype === 'CONSTR_IDENTITY' ||
      contype === 'CONSTR_GENERATED' ||
      (contype === 'CONSTR_DEFAULT' && !isNull(expression)),
  )
  return given || /^(small|big)?serial[248]?$/.test(strings(typeName?.names).at(-1) ?? '')
}

function isNull(expression: Node | undefined): boolean {
  if (expression === undefined) return true
  if ('TypeCast' in expression) return isNull(expression.TypeCast.arg)
  return 'A_Const' in expression && expression.A_Const.isnull === true
}

function columnCheckedForNull(check: Node | undefined): string | undefined {
  if (check === undefined || !('NullTest' in check) || check.NullTest.nulltesttype !== 'IS_NOT_NULL')
    return undefined
  const { arg } = check.NullTest
  return arg !== undefined && 'ColumnRef' in arg ? strings(arg.ColumnRef.fields).at(-1) : undefined
}
