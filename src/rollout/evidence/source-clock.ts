import { formatDuration } from '../duration.js'
import type { MetricSource } from '../ports/metric-source.js'
import type { Session } from '../session.js'
import { answerLimit, askSource, type SourceAnswer } from './source-answer.js'

/**
 * From here on a clock is wrong, in milliseconds: five minutes, less what a clock that tells whole seconds, and its way
 * to us, may lose.
 */
const SKEW_LIMIT_MS = 295_000

/**
 * The source's own time in milliseconds since 1970, else the runner's. A source whose clock is five minutes off both the
 * runner's and that of the ledger's target has no data: its counts are of other moments than it says.
 */
export async function sourceTime(session: Session, source: MetricSource): Promise<SourceAnswer<number>> {
  const { clock } = session.scene
  if (source.now === undefined) return { kind: 'told', told: clock.wallTime().getTime() }
  const ask = async (): Promise<number> => (await source.now?.())?.getTime() ?? Number.NaN
  const answer = await askSource(clock, source.name, answerLimit(source), ask)
  if (answer.kind === 'silent') return answer
  const why = skewOf(session, source.name, answer.told)
  return why === undefined ? answer : { kind: 'silent', why }
}

function skewOf(session: Session, name: string, toldMs: number): string | undefined {
  const [nearest = 0] = [session.scene.clock.wallTime(), session.now()]
    .map((ours) => toldMs - ours.getTime())
    .toSorted((one, other) => Math.abs(one) - Math.abs(other))
  if (Math.abs(nearest) < SKEW_LIMIT_MS) return undefined
  const off = `${formatDuration(Math.abs(nearest))} ${nearest > 0 ? 'ahead of' : 'behind'}`
  return `the clock of ${name} is ${off} this runner’s; set the wrong one right`
}
