import type * as v from 'valibot'
import { rolloutSchema, settings } from '../full-rollout-schema.js'

/** One key of rollout.yml as the documentation shows it. */
export interface KeyRow {
  /** `plan[].weight` */
  readonly key: string
  /** What may be written. */
  readonly allowed: string
  readonly byDefault: string
  readonly description: string
}

/** Every key, in the order of the schema. What a service or an environment overrides is not told twice. */
export function keyRows(): readonly KeyRow[] {
  return rowsOf(rolloutSchema, '')
}

/** One of many kinds, of which a file has one: its keys stand in a table of their own. */
const APART = /^analysis\.source\.[^.]+(?=\.)/

/** The keys as Markdown, a table for each key of the top level. */
export function keyTable(): string {
  const rows = keyRows()
  const isTop = (row: KeyRow) => !/[.[]/.test(row.key)
  const top = table(rows.filter(isTop))
  const nested = Object.keys(settings).flatMap((name) => {
    const inside = rows.filter((row) => !isTop(row) && new RegExp(`^${name}[.[]`).test(row.key))
    const apart = [...new Set(inside.flatMap(({ key }) => APART.exec(key)?.[0] ?? []))]
    const isApart = ({ key }: KeyRow) => APART.test(key)
    return inside.length === 0
      ? []
      : [
          `### \`${name}\``,
          table(inside.filter((row) => !isApart(row))),
          ...apart.flatMap((kind) => [
            `#### \`${kind}\``,
            table(inside.filter(({ key }) => key.startsWith(`${kind}.`))),
          ]),
        ]
  })
  return ['### Top level', top, ...nested].join('\n\n')
}

function table(rows: readonly KeyRow[]): string {
  const cells = rows.map((row) => [`\`${row.key}\``, row.description, row.allowed, row.byDefault])
  return [
    line(['Key', 'Meaning', 'Allowed', 'Default']),
    '| --- | --- | --- | --- |',
    ...cells.map((row) => line(row)),
  ].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

type Entries = Readonly<Record<string, v.GenericSchema>>

function rowsOf(schema: v.GenericSchema, at: string): readonly KeyRow[] {
  return Object.entries(entriesOf(schema)).flatMap(([name, entry]) => {
    const key = at === '' ? name : `${at}.${name}`
    const { description, byDefault } = metadataOf(entry)
    const inside = branchesOf(entry).flatMap(({ schema: branch, suffix }) =>
      rowsOf(branch, `${key}${suffix}`),
    )
    const overrides = name === 'services' || name === 'environments'
    return [{ key, allowed: phraseOf(entry), byDefault, description }, ...(overrides ? [] : inside)]
  })
}

function entriesOf(schema: v.GenericSchema): Entries {
  return schema.type === 'strict_object' && 'entries' in schema ? (schema.entries as Entries) : {}
}

/** The maps that a key may hold: itself, items of its list, branches of its union. */
function branchesOf(schema: v.GenericSchema, suffix = ''): { schema: v.GenericSchema; suffix: string }[] {
  const inner = wrappedOf(schema)
  if (inner !== undefined) return branchesOf(inner, suffix)
  if (schema.type === 'array' && 'item' in schema)
    return branchesOf(schema.item as v.GenericSchema, `${suffix}[]`)
  if (schema.type === 'union' && 'options' in schema) {
    return (schema.options as readonly v.GenericSchema[]).flatMap((option) => branchesOf(option, suffix))
  }
  return [{ schema, suffix }]
}

function wrappedOf(schema: v.GenericSchema): v.GenericSchema | undefined {
  return 'wrapped' in schema ? (schema.wrapped as v.GenericSchema) : undefined
}

function phraseOf(schema: v.GenericSchema): string {
  const inner = wrappedOf(schema)
  if (inner !== undefined) return phraseOf(inner)
  return 'message' in schema && typeof schema.message === 'string' ? schema.message : ''
}

interface Metadata {
  readonly description: string
  readonly byDefault: string
}

/** What `key()` said of it: the last word of its pipe. */
function metadataOf(schema: v.GenericSchema): Metadata {
  const pipe = 'pipe' in schema && Array.isArray(schema.pipe) ? (schema.pipe as readonly unknown[]) : []
  const last = pipe.at(-1)
  const said = isRecord(last) && isRecord(last['metadata']) ? last['metadata'] : {}
  const byDefault = said['default']
  return {
    description: String(said['description'] ?? ''),
    byDefault: byDefault === undefined ? '' : `\`${valueText(byDefault)}\``,
  }
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
