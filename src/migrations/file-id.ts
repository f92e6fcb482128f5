/**
 * What stands before the name of a migration: a date (`2026-03-05`, `2026_03_05_101500`), or numbers (`0042`, `1.2`,
 * `20260305101500`), with or without Flyway's `V`.
 */
const PREFIX =
  /^V?(?<prefix>\d{4}-\d{2}-\d{2}(?:[-_T]\d{4,6})?|\d{4}_\d{2}_\d{2}(?:_\d{4,6})?|\d+(?:\.\d+)*)(?=[-_. ]|$)/

/**
 * The id in a file's name, such as `42` in `0042_add_email.sql`: two files with one id would be two branches that
 * were merged, and only one of them would ever be taken for applied.
 * @returns undefined where the name does not begin with one.
 */
export function idOf(fileName: string): string | undefined {
  const prefix = PREFIX.exec(fileName.replace(/(\.up)?\.sql$/i, ''))?.groups?.['prefix']
  if (prefix === undefined) return undefined
  return numbersIn(prefix).join('.')
}

/** In which order migrations are applied: by number, so that 10 comes after 9. */
export function compareIds(one: string, other: string): number {
  const left = numbersIn(one)
  const right = numbersIn(other)
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [a, b] = [left[index] ?? -1n, right[index] ?? -1n]
    if (a !== b) return a < b ? -1 : 1
  }
  return 0
}

/** Time stamps have more digits than a number keeps. */
function numbersIn(id: string): bigint[] {
  return id.split(/\D+/).map((digits) => BigInt(digits))
}
