/**
 * Marks by which other tools divide one file into a way forward and a way back. To PostgreSQL they are comments, and
 * it would run both ways, one after the other.
 */
const MARKS: readonly (readonly [RegExp, string])[] = [
  [/^--\s*migrate:(up|down)\b/i, 'dbmate'],
  [/^--\s*\+goose\s+(up|down)\b/i, 'goose'],
  [/^--\s*\+migrate\s+(up|down)\b/i, 'sql-migrate'],
  [/^--\s*rollback\s+\S/i, 'Liquibase'],
  [/^--liquibase\s+formatted\s+sql/i, 'Liquibase'],
]

/** Finds the first line that only another tool understands. */
export function foreignFormat(sql: string): { readonly line: number; readonly problem: string } | undefined {
  for (const [index, line] of sql.split('\n').entries()) {
    const tool = MARKS.find(([mark]) => mark.test(line.trimStart()))?.[1]
    if (tool !== undefined) {
      const problem = `"${line.trim().slice(0, 60)}" is for ${tool}: here a file holds the way forward only, as plain SQL`
      return { line: index + 1, problem }
    }
  }
  return undefined
}
