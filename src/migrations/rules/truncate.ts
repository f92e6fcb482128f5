import { objectName } from './names.js'
import type { Rule } from './rule.js'

/** TRUNCATE of a table that the live release fills. */
export const truncate: Rule = (node, set) => {
  if (!('TruncateStmt' in node)) return []
  const tables = (node.TruncateStmt.relations ?? []).map(objectName).filter((name) => !set.created(name))
  return tables.map((table) => ({
    rule: 'truncate',
    effect: 'breaks',
    what: `TRUNCATE takes every row of ${table} from the live release, and no release can bring them back`,
    safe: 'in contract/, when no release that reads the table may serve again',
  }))
}
