import type { ParsedMigration } from './judge.js'
import type { Complaint } from './refusal.js'
import { kindOf, whyNotRun } from './statement-kind.js'
import type { Statement } from './statements.js'

/**
 * What is done or not done as a whole: one statement, or what stands between BEGIN and COMMIT. Each has a transaction
 * of its own, so that no lock is held for longer than one statement needs it, unless a file asks for it.
 */
export interface Unit {
  /** `alone`: PostgreSQL runs it outside of transactions only; then there is one statement. */
  readonly kind: 'transaction' | 'alone'
  readonly statements: readonly Statement[]
  /** How many statements of the file are done before it. */
  readonly from: number
  /** How many are done after it. BEGIN and COMMIT count. */
  readonly to: number
}

/** Divides a file into units. @returns what is wrong where it cannot be. */
export function unitsOf({ file, statements }: ParsedMigration): { units: Unit[]; complaints: Complaint[] } {
  const units: Unit[] = []
  const complaints: Complaint[] = []
  const complain = ({ line, column }: Statement, message: string): void =>
    void complaints.push({ path: file.path, line, column, message })
  let open: { readonly begin: Statement; readonly from: number; readonly inside: Statement[] } | undefined
  for (const [index, statement] of statements.entries()) {
    const why = whyNotRun(statement.node)
    const mark = transactionMark(statement)
    if (why !== undefined) complain(statement, why)
    else if (mark === 'begin' && open === undefined) open = { begin: statement, from: index, inside: [] }
    else if (mark === 'begin')
      complain(statement, `a transaction is open already, since line ${open?.begin.line}`)
    else if (mark === 'commit' && open === undefined) complain(statement, 'COMMIT without a BEGIN before it')
    else if (mark === 'commit' && open !== undefined) {
      units.push({ kind: 'transaction', statements: open.inside, from: open.from, to: index + 1 })
      open = undefined
    } else if (kindOf(statement.node) === 'alone') {
      if (open !== undefined)
        complain(statement, `it cannot run inside a transaction, which is open since line ${open.begin.line}`)
      else units.push({ kind: 'alone', statements: [statement], from: index, to: index + 1 })
    } else if (open !== undefined) open.inside.push(statement)
    else units.push({ kind: 'transaction', statements: [statement], from: index, to: index + 1 })
  }
  if (open !== undefined) complain(open.begin, 'BEGIN without a COMMIT after it')
  return { units, complaints }
}

function transactionMark({ node }: Statement): 'begin' | 'commit' | undefined {
  if (!('TransactionStmt' in node)) return undefined
  return node.TransactionStmt.kind === 'TRANS_STMT_COMMIT' ? 'commit' : 'begin'
}
