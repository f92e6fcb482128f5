import type { Moments } from './moments.ts'
import type { LoadRecord, Row } from './record.ts'

/** A client with a cookie that was sent to and fro. Times are milliseconds since the run began. */
export type Bounce = {
  client: number
  at: number
  from: string
  to: string
  why: 'left the candidate' | 'came back'
}

export type Sticky = {
  /** How many clients were given a cookie and sent it: with none, nothing was shown. */
  clients: number
  /** How many answers to requests with a cookie this stands on. */
  answers: number
  bounces: Bounce[]
}

/**
 * Clients with a cookie belong to one version until the weight moves them, and a rising weight moves them to the candidate only.
 * So, a bounce is a client that leaves the candidate, or comes back to a version that it had left. In `returns`, from
 * before the weight falls until it is confirmed, clients may leave the candidate, once; each such time
 * begins and ends a rollout, so what they had left before is forgotten.
 *
 * Only requests that followed each other count: of two in flight at once nobody knows which was routed first.
 *
 * @param rollout `candidate`: the label of the version that is tried; without it only coming back is seen.
 */
export function bounces(
  record: LoadRecord,
  rollout: { candidate?: string; returns?: readonly Moments[] },
): Sticky {
  const returns = (rollout.returns ?? []).map(({ from, to }) => ({
    from: from - record.startedAt,
    to: (to ?? Infinity) - record.startedAt,
  }))
  const edges = returns.flatMap(({ from, to }) => [from, to])
  const stretchOf = (at: number) => edges.filter((edge) => edge <= at).length
  const goingBack = (at: number) => returns.some(({ from, to }) => at >= from && at < to)

  const byClient = Map.groupBy(record.rows.filter(withCookie), (row) => row.client)
  const found = [...byClient.values()].flatMap((rows) => {
    const inOrder = oneAfterTheOther(rows)
    const left = new Set<string | null>()
    return inOrder.flatMap((row, index): Bounce[] => {
      const before = inOrder[index - 1]
      if (before === undefined) return []
      if (stretchOf(before.sent) !== stretchOf(row.sent)) left.clear()
      const { version: from } = before
      const { version: to } = row
      if (from === null || to === null || from === to) return []
      const bounce = { client: row.client, at: row.sent, from, to }
      const cameBack = left.has(to)
      left.add(from)
      if (cameBack) return [{ ...bounce, why: 'came back' }]
      // The answer before the return may have been the candidate's, and this one the first after it.
      const mayLeave = goingBack(row.sent) || stretchOf(before.sent) !== stretchOf(row.sent)
      return from === rollout.candidate && !mayLeave ? [{ ...bounce, why: 'left the candidate' }] : []
    })
  })
  const answers = [...byClient.values()].reduce((sum, rows) => sum + rows.length, 0)
  return { clients: byClient.size, answers, bounces: found }
}

function withCookie(row: Row): boolean {
  return (
    row.side === 'target' && row.kind === 'cookie' && row.cookie && row.version !== null && row.done !== null
  )
}

/** Leaves out what was sent before the one before it was answered. */
function oneAfterTheOther(rows: readonly Row[]): Row[] {
  let answeredAt = -Infinity
  return rows
    .toSorted((a, b) => a.sent - b.sent)
    .filter(({ sent, done }) => {
      if (sent < answeredAt || done === null) return false
      answeredAt = done
      return true
    })
}
