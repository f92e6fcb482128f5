import { formatDuration } from '../duration.js'
import { describeFigures, figuresOf } from './figures.js'
import type { Block, Judgement, MetricJudgement } from '../ports/judge.js'

/** Evidence of a million decides whatever its size; more digits would only fill the line. */
const LARGEST_SHOWN = 1_000_000

/** One look in a line: the block, what both sides did in it, and how far each metric's evidence has come. */
export function lookLine(block: Block, { metrics, verdict }: Judgement): string {
  const length = formatDuration(block.toMs - block.fromMs)
  const evidence = metrics.map(({ name, ...metric }) => `${name} ${progressOf(metric)}`).join(', ')
  const sides = `stable ${sideOf(block, 'stable')}; candidate ${sideOf(block, 'candidate')}`
  return `${length} at ${block.weight} %: ${sides}: ${evidence === '' ? verdict : evidence}`
}

/** `×37 of 100 needed`; where another method decides, what it says. */
export function progressOf({ evidence, verdict, dryRun }: Omit<MetricJudgement, 'name'>): string {
  if (evidence === undefined) return dryRun === true ? `${verdict} (only reported)` : verdict
  return `×${times(evidence.logE)} of ${times(evidence.needed)} needed`
}

function sideOf(block: Block, side: 'stable' | 'candidate'): string {
  const figures = figuresOf([block], side)
  return figures === undefined ? 'not counted' : describeFigures(figures)
}

/** e to a power, in as many digits as one reads: 0.4, 3.2, 37, 12,000. */
function times(log: number): string {
  const value = Math.exp(log)
  if (value > LARGEST_SHOWN) return `${LARGEST_SHOWN.toLocaleString('en-US')}+`
  if (value >= 10) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toFixed(value >= 1 ? 1 : 2)))
}
