import type { ActionFile } from './action-files.ts'

/** One line of a Markdown table; a `|` or a line break in a cell would end it. */
const row = (...cells: string[]): string =>
  `| ${cells.map((cell) => cell.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`

const table = (titles: string[], rows: string[][]): string =>
  [row(...titles), `|${' --- |'.repeat(titles.length)}`, ...rows.map((cells) => row(...cells))].join('\n')

/** Inputs in the order of action.yml: its own first, the common ones after. */
export const inputsTable = ({ inputs }: ActionFile): string =>
  table(
    ['Input', 'Meaning', 'Default'],
    Object.entries(inputs).map(([name, { description, required, default: standard }]) => [
      `\`${name}\``,
      description,
      required === true ? '**required**' : standard === undefined || standard === '' ? '' : `\`${standard}\``,
    ]),
  )

export const outputsTable = ({ outputs }: ActionFile): string =>
  table(
    ['Output', 'Meaning'],
    Object.entries(outputs).map(([name, { description }]) => [`\`${name}\``, description]),
  )

/** The actions with what each does, for the front page. */
export const actionsTable = (actions: readonly ActionFile[]): string =>
  table(
    ['Action', 'What it does'],
    actions.map(({ folder, name, description }) => [
      folder === ''
        ? '[`OWNER/tuesday`](action.yml)'
        : `[\`${name.replace(/^.*: /, '')}\`](${folder}/README.md)`,
      description,
    ]),
  )
