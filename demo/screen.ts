import { frame, statusLine } from './frame.ts'
import type { Show } from './show.ts'

/** How often the picture is drawn, in milliseconds. */
const REDRAW_MS = 500
const LINE_MS = 1_000

/** Shows a running demo until it is stopped: drawn over in a terminal, a line a second anywhere else. */
export interface Screen {
  /** Leaves the last picture standing. */
  stop(): void
}

export function openScreen(show: Show, asLines: boolean): Screen {
  return asLines || !process.stdout.isTTY ? printLines(show) : drawPictures(show)
}

function printLines(show: Show): Screen {
  let told: string | undefined
  const timer = setInterval(() => {
    const news = show.said.at(-1)
    console.log(news === undefined || news === told ? statusLine(show) : `${statusLine(show)} | ${news}`)
    told = news
  }, LINE_MS)
  return { stop: () => clearInterval(timer) }
}

function drawPictures(show: Show): Screen {
  const { stdout } = process
  let drawn = 0
  const draw = (): void => {
    const lines = frame(show, stdout.columns).slice(0, stdout.rows - 1)
    // To the first line of the last picture, and everything below it away.
    const back = drawn === 0 ? '' : `\u001b[${drawn}A`
    stdout.write(`${back}\r\u001b[J${lines.join('\n')}\n`)
    drawn = lines.length
  }
  const showCursor = (): void => void stdout.write('\u001b[?25h')
  stdout.write('\u001b[?25l')
  process.once('exit', showCursor)
  const timer = setInterval(draw, REDRAW_MS)
  draw()
  return {
    stop: () => {
      clearInterval(timer)
      draw()
      showCursor()
      process.removeListener('exit', showCursor)
    },
  }
}
