import type { MigrationFile } from './migration-file.js'
import type { Position } from './position.js'
import { Positions } from './position.js'
import { readDoBlock } from './do-block.js'
import { allRules } from './rules/all-rules.js'
import type { Breakage } from './rules/rule.js'
import { SetObjects } from './rules/set-objects.js'
import type { SqlParser, Statement } from './statements.js'

/** A file and what PostgreSQL's parser makes of it. */
export interface ParsedMigration {
  readonly file: MigrationFile
  readonly statements: readonly Statement[]
}

/** A statement that must not run while the live release serves, and where it stands. */
export interface Finding extends Position, Pick<Breakage, 'rule' | 'effect' | 'what' | 'safe'> {
  /** As a user would write it, from where they stand. */
  readonly path: string
}

/** What the set is judged against. */
export interface Surroundings {
  /** Files of the same set that an earlier run has applied: what they created is still new. */
  readonly before?: readonly ParsedMigration[]
  /** Relations that were there before the set. */
  readonly existing?: ReadonlySet<string>
}

export interface Judgement {
  /** What must not run. */
  readonly refused: readonly Finding[]
  /** What blocks requests, in a contract that was declared: its author is told. */
  readonly warnings: readonly Finding[]
  /** DO blocks whose SQL is put together while they run. */
  readonly unread: readonly (Position & { readonly path: string })[]
}

/** Finds, in the order in which they will run, the statements that break the release that is live. */
export function judge(
  migrations: readonly ParsedMigration[],
  parser: SqlParser,
  { before = [], existing = new Set() }: Surroundings = {},
): Judgement {
  const set = new SetObjects()
  for (const { statements } of before) for (const { node } of statements) set.observe(node)
  const judgement = {
    refused: [] as Finding[],
    warnings: [] as Finding[],
    unread: [] as Judgement['unread'][number][],
  }
  for (const { file, statements } of migrations) {
    const positions = new Positions(file.sql)
    for (const statement of statements) {
      const { nodes, unreadable } = nodesOf(statement, positions, parser)
      if (unreadable)
        judgement.unread.push({ path: file.path, line: statement.line, column: statement.column })
      for (const { node, at } of nodes) {
        for (const breakage of allRules.flatMap((rule) => rule(node, set))) {
          const exact = breakage.offset === undefined ? statement : positions.at(breakage.offset)
          const finding = findingOf(file.path, at ?? exact, breakage)
          if (file.phase === 'expand') judgement.refused.push(finding)
          else if (breakage.effect === 'locks') judgement.warnings.push(finding)
        }
        set.observe(node, existing)
      }
    }
  }
  return judgement
}

interface Placed {
  readonly node: Statement['node']
  /** Where it stands, when it stands inside a DO block: places inside it are not of the file. */
  readonly at: Position | undefined
}

function nodesOf(
  statement: Statement,
  positions: Positions,
  parser: SqlParser,
): { nodes: Placed[]; unreadable: boolean } {
  const block = readDoBlock(statement, parser)
  const itself = { node: statement.node, at: undefined }
  if (block === undefined) return { nodes: [itself], unreadable: false }
  const firstLine = positions.at(block.bodyOffset).line
  const inside = block.statements.map(({ node, linesDown }) => ({
    node,
    at: positions.firstIn(firstLine + linesDown),
  }))
  return { nodes: [itself, ...inside], unreadable: block.unreadable }
}

function findingOf(
  path: string,
  { line, column }: Position,
  { rule, effect, what, safe }: Breakage,
): Finding {
  return { path, line, column, rule, effect, what, safe }
}
