import { stripVTControlCharacters, styleText } from 'node:util'
import { shownSteps, type Act, type Show, type ShownStep, type StepState } from './show.ts'
import type { Slot } from './slots.ts'

const SIGN: Record<StepState, string> = {
  'to come': '·',
  'at work': '▸',
  done: '✔',
  failed: '✘',
  skipped: '–',
}
/** Characters of the bar that stands for 100 %. */
const BAR = 20

type Style = Parameters<typeof styleText>[0]

/** The picture that a terminal shows, as lines of at most `columns` characters. */
export function frame(show: Show, columns: number): readonly string[] {
  const title = 'Tuesday: three releases of a real service on this machine'
  const lines = [
    '',
    `${paint('bold', title)}${clock(show.seconds).padStart(Math.max(8, 76 - title.length))}`,
    '',
    ...show.acts.flatMap((act) => actLines(act, act === show.current)),
    '',
    paint('dim', 'slot   release  weight                        requests/s   errors      p95'),
    ...show.slots.map((slot) => slotLine(slot, show)),
    '',
    `${paint('dim', 'requests')}  ${requestsText(show)}`,
    ...labelled('verdict ', show.verdict === '' ? '–' : show.verdict, columns),
    ...labelled('now     ', show.doing, columns),
    '',
    ...show.said.map((line) => paint('dim', line)),
  ]
  return lines.map((line) => cut(line, columns))
}

/** The same in one line, for a log that takes no pictures. */
export function statusLine(show: Show): string {
  const slots = show.slots
    .filter(({ version, weight }) => version !== undefined || weight > 0)
    .map((slot) => {
      const { requests, errors, p95 } = figuresOf(slot, show)
      return `${slot.name} ${slot.version ?? '–'} ${slot.weight} %: ${requests}/s, ${errors} errors, p95 ${p95}`
    })
  const at =
    show.current === undefined ? show.doing : `${show.current.release.version} ${stepAtWork(show.current)}`
  return [`${clock(show.seconds)} ${at}`, ...slots].join(' | ')
}

function actLines({ release, steps, ending }: Act, current: boolean): readonly string[] {
  const sign = ending === undefined ? (current ? '▸' : '·') : ending.good ? '✔' : '✘'
  const style: Style = ending === undefined ? (current ? 'bold' : 'dim') : ending.good ? 'green' : 'red'
  const title = `${sign} ${release.version}  ${release.title}`
  const head = ending === undefined ? paint(style, title) : `${paint(style, title)}: ${ending.sentence}`
  if (!current) return [head]
  const each = Object.entries(shownSteps).map(([id, label]) => {
    const state = steps.get(id as ShownStep) ?? 'to come'
    const text = `${SIGN[state]} ${label}`
    return state === 'to come' ? paint('dim', text) : state === 'at work' ? paint('bold', text) : text
  })
  return [head, `      ${each.join('  ')}`]
}

function stepAtWork({ steps }: Act): string {
  const found = [...steps].findLast(([, state]) => state === 'at work')
  return found === undefined ? 'between two steps' : shownSteps[found[0]]
}

function slotLine(slot: Slot, show: Show): string {
  const { requests, errors, p95 } = figuresOf(slot, show)
  const filled = Math.round((slot.weight / 100) * BAR)
  const bar = paint('cyan', '█'.repeat(filled)) + paint('dim', '░'.repeat(BAR - filled))
  return [
    slot.name.padEnd(7),
    (slot.version ?? '–').padEnd(8),
    `${slot.weight} %`.padStart(6),
    ` ${bar} `,
    String(requests).padStart(11),
    errors.padStart(9),
    p95.padStart(9),
  ].join('')
}

/** What clients saw of a release in the last second. */
function figuresOf({ version }: Slot, { second }: Show): { requests: number; errors: string; p95: string } {
  const seen = version === undefined ? undefined : second?.byVersion[version]
  if (seen === undefined || seen.requests === 0) return { requests: 0, errors: '–', p95: '–' }
  const errors = `${((100 * seen.errors) / seen.requests).toFixed(1)} %`
  return { requests: seen.requests, errors, p95: seen.p95 === null ? '–' : `${seen.p95.toFixed(0)} ms` }
}

function requestsText({ second }: Show): string {
  if (second === undefined) return 'none sent yet'
  const { sent, errors, lost } = second.total
  const bad = errors === 0 ? '' : `, ${count(errors)} answered with an error`
  return `${count(sent)} sent, ${lost === 0 ? '0 lost' : paint('red', `${count(lost)} lost`)}${bad}`
}

export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** `1:07` */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}

/** Colours only where a terminal takes them, and not where NO_COLOR asks for none. */
function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** A text of at most two lines beside its name: so many always, or everything below would jump. */
function labelled(name: string, text: string, columns: number): readonly string[] {
  const width = Math.max(20, columns - name.length - 2)
  const atWidth = text.lastIndexOf(' ', width)
  const end = text.length <= width ? text.length : atWidth > 0 ? atWidth : width
  return [
    `${paint('dim', name)}  ${text.slice(0, end)}`,
    `${' '.repeat(name.length)}  ${text.slice(end).trimStart()}`,
  ]
}

/** Cuts what is too wide for one line; a line that wraps could not be drawn over. */
function cut(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line)
  return plain.length <= columns ? line : `${plain.slice(0, columns - 1)}…`
}
