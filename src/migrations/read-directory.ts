import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { UserError } from '../rollout/user-error.js'
import { readDeclaration } from './declaration.js'
import { compareIds, idOf } from './file-id.js'
import { foreignFormat } from './foreign-format.js'
import type { MigrationFile } from './migration-file.js'
import type { Phase } from './phase.js'
import { phases } from './phase.js'

/**
 * Reads a directory of plain SQL migrations: `0042_add_email.sql` in it (phase expand, unless the file declares
 * another), in its `expand/` or in its `contract/`. Files that end in `.down.sql` are left alone: going back is a
 * matter of releases, not of schemas.
 *
 * @returns the files in the order in which they are applied.
 * @throws UserError that names everything that is wrong in it at once.
 */
export async function readDirectory(directory: string): Promise<MigrationFile[]> {
  const problems: string[] = []
  const files: MigrationFile[] = []
  for (const { name, folder } of await listSql(directory, problems)) {
    const bytes = await readFile(join(directory, name))
    const read = readMigration({ name, path: shownPath(directory, name), folder, bytes })
    if (typeof read === 'string') problems.push(read)
    else files.push(read)
  }
  problems.push(...duplicates(files))
  if (problems.length > 0)
    throw new UserError(
      `the migrations in ${directory} cannot be read:\n${problems.map((p) => `  ${p}`).join('\n')}`,
      {
        hint: 'Mend the files named above; nothing was applied.',
      },
    )
  return files.sort((one, other) => compareIds(one.id, other.id))
}

/** From where we stand, the workspace of a job, if it lies below: annotations and people name files so. */
function shownPath(directory: string, name: string): string {
  const below = relative(process.cwd(), join(directory, name))
  return below.startsWith('..') ? join(directory, name) : below
}

interface Listed {
  readonly name: string
  /** The phase's folder that it stands in. */
  readonly folder: Phase | undefined
}

async function listSql(directory: string, problems: string[]): Promise<Listed[]> {
  const entries = await entriesOf(directory)
  const found: Listed[] = sqlFiles(entries).map((name) => ({ name, folder: undefined }))
  for (const entry of entries.filter((one) => one.isDirectory())) {
    const inside = await entriesOf(join(directory, entry.name))
    const folder = phases.find((phase) => phase === entry.name)
    if (folder !== undefined)
      found.push(...sqlFiles(inside).map((name) => ({ name: `${folder}/${name}`, folder })))
    const strange = folder === undefined ? sqlFiles(inside)[0] : inside.find((one) => one.isDirectory())?.name
    if (strange !== undefined)
      problems.push(
        `${shownPath(directory, join(entry.name, strange))}: SQL is read from the directory itself, expand/ and contract/`,
      )
  }
  return found
}

async function entriesOf(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (error) {
    throw new UserError(`the directory of migrations, ${directory}, cannot be read: ${reasonOf(error)}`, {
      hint: 'Set `directory` (input) or `migrations.directory` (rollout.yml), and check the repository out before this step.',
    })
  }
}

function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such directory'
  if (code === 'ENOTDIR') return 'it is a file'
  if (code === 'EACCES') return 'this user may not read it'
  throw error
}

function sqlFiles(entries: Awaited<ReturnType<typeof entriesOf>>): string[] {
  return entries
    .filter((entry) => entry.isFile() && /\.sql$/i.test(entry.name) && !/\.down\.sql$/i.test(entry.name))
    .map((entry) => entry.name)
}

interface Raw extends Listed {
  readonly path: string
  readonly bytes: Buffer
}

function readMigration({ name, path, folder, bytes }: Raw): MigrationFile | string {
  const id = idOf(name.slice(name.lastIndexOf('/') + 1))
  if (id === undefined) return `${path}: the name begins with a number or a date, such as 0042_add_email.sql`
  const sql = decode(bytes)
  if (typeof sql !== 'string') return `${path}:${sql.line}: ${sql.problem}`
  const foreign = foreignFormat(sql)
  if (foreign !== undefined) return `${path}:${foreign.line}: ${foreign.problem}`
  const declaration = readDeclaration(sql)
  if ('problem' in declaration) return `${path}:${declaration.line}: ${declaration.problem}`
  const { phase, safeSince } = declaration
  if (folder !== undefined && phase !== undefined && phase !== folder)
    return `${path}: it stands in ${folder}/ and declares phase=${phase}: one of the two is wrong`
  const checksum = createHash('sha256').update(sql).digest('hex')
  return { id, name, path, sql, checksum, phase: phase ?? folder ?? 'expand', safeSince }
}

function decode(bytes: Buffer): string | { readonly problem: string; readonly line: number } {
  const lineOf = (offset: number): number =>
    bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length + 1
  const zero = bytes.indexOf(0)
  if (zero !== -1)
    return { line: lineOf(zero), problem: 'it holds a zero byte: is it UTF-16? Save it as UTF-8' }
  const text = bytes.toString('utf8')
  const wrong = text.indexOf('\ufffd')
  const offset = wrong === -1 ? -1 : Buffer.byteLength(text.slice(0, wrong))
  if (wrong !== -1 && !bytes.subarray(offset).toString('latin1').startsWith('\u00ef\u00bf\u00bd'))
    return { line: lineOf(offset), problem: 'it is not UTF-8: save it as UTF-8' }
  return text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')
}

function duplicates(files: readonly MigrationFile[]): string[] {
  const byId = Map.groupBy(files, (file) => file.id)
  return [...byId]
    .filter(([, same]) => same.length > 1)
    .map(
      ([id, same]) =>
        `${same.map((file) => file.path).join(' and ')} have one id, ${id}: give one of them another number`,
    )
}
