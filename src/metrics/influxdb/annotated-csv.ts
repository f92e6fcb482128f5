/**
 * Records of annotated CSV, by name of column (https://docs.influxdata.com/influxdb/v2/reference/syntax/annotated-csv/):
 * an empty line or new annotations end a table, whose first line that is no annotation names its columns; `#default` says
 * what empty fields hold.
 */
export function annotatedCsv(csv: string): readonly Readonly<Record<string, string>>[] {
  const records: Record<string, string>[] = []
  let columns: readonly string[] | undefined
  let defaults: readonly string[] = []
  for (const fields of linesOf(csv)) {
    const [first = ''] = fields
    if (fields.length === 1 && first === '') {
      columns = undefined
      defaults = []
    } else if (first.startsWith('#')) {
      columns = undefined
      if (first === '#default') defaults = fields
    } else if (columns === undefined) {
      columns = fields
    } else {
      const names = columns.map((name, index): [string, string] => [
        name,
        fields[index] || (defaults[index] ?? ''),
      ])
      records.push(Object.fromEntries(names.filter(([name]) => name !== '')))
    }
  }
  return records
}

/** Lines of CSV (RFC 4180): a field in quotes may hold commas, line breaks, and quotes written twice. */
function linesOf(csv: string): readonly (readonly string[])[] {
  const lines: string[][] = []
  let line: string[] = []
  // Each match is one field and what ends it.
  for (const [whole, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (whole === '' && line.length === 0) break
    line.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    if (end === ',') continue
    lines.push(line)
    line = []
    if (end === '') break
  }
  return lines
}
