/**
 * `npm run demo`: three releases of a real HTTP service with a real PostgreSQL, under load, by a real workflow file,
 * on this machine. `-- --json` prints lines and ends with one line of JSON (`Figures`).
 *
 * Exit status: 0 all is well, 1 a bar was missed, 2 the machine was at fault (the run says nothing), 130 interrupted.
 */
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { endingText } from './ending.ts'
import { figuresOf, missedBars } from './figures.ts'
import { Keepsakes } from './keepsakes.ts'
import { play, WentWrong, type Findings } from './play.ts'
import { releases } from './releases.ts'
import { openScreen } from './screen.ts'
import { Show } from './show.ts'
import { Stage } from './stage.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
// The services run as `node server.ts`: under the actions' own Node, also where npm did not set the PATH.
const programs = join(import.meta.dirname, '..', 'node_modules', '.bin')
process.env['PATH'] = [programs, process.env['PATH']].join(delimiter)

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())

process.exitCode = await main()

async function main(): Promise<number> {
  const show = new Show([releases.first, releases.good, releases.bad])
  const screen = openScreen(show, values.json)
  try {
    const { findings, kept } = await onStage(show)
    show.doing = ''
    screen.stop()
    return conclude(show, findings, kept)
  } catch (error) {
    screen.stop()
    if (interrupted.signal.aborted) {
      console.error('Interrupted. Nothing is left running.')
      return 130
    }
    if (!(error instanceof WentWrong)) throw error
    console.error(`missed: ${error.message}`)
    return 1
  }
}

/** Plays it, and clears everything away whatever came of it. */
async function onStage(show: Show): Promise<{ findings: Findings; kept: string }> {
  const keepsakes = new Keepsakes()
  show.doing = 'starting PostgreSQL'
  const stage = await Stage.open()
  try {
    const findings = await play({ stage, show, keepsakes, signal: interrupted.signal })
    if (findings.verdict.lost > 0) keepsakes.keepRecord(join(stage.folder, 'requests.ndjson'))
    return { findings, kept: keepsakes.folder }
  } finally {
    show.doing = 'stopping everything'
    await stage.close()
  }
}

function conclude(show: Show, findings: Findings, kept: string): number {
  const figures = figuresOf(findings, releases.bad.version, show.seconds)
  const missed = missedBars(figures)
  console.log(endingText(show, figures, findings.goingBack, kept))
  for (const reason of figures.void) console.log(`void: ${reason}`)
  for (const bar of missed) console.log(`missed: ${bar}`)
  if (values.json) console.log(JSON.stringify(figures))
  if (figures.void.length > 0) return 2
  return missed.length > 0 ? 1 : 0
}
