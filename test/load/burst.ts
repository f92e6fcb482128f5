import { ConnectionPool } from './connection-pool.ts'
import { ask } from './http-clients.ts'
import type { Side } from './http-clients.ts'
import type { Run } from './run.ts'
import type { Schedule } from './schedule.ts'

/**
 * More requests without cookies for a short time, on top of the steady load: a share of 25 % shows itself in 5,000 of them.
 * Half come on kept connections, half on new ones.
 *
 * @param requests how many in all, `perSecond` how fast.
 * @param sentAll called when the last one was sent (not answered).
 */
export function burst(
  run: Run,
  schedule: Schedule,
  side: Side,
  { requests, perSecond }: { requests: number; perSecond: number },
  sentAll: () => void,
): void {
  let left = requests
  const ends = (['keep-alive', 'new-connection'] as const).map((kind, index) => {
    const keep = kind === 'keep-alive'
    const pool = new ConnectionPool(side.url, keep)
    const client = { kind, keep, pool, asked: index }
    const remove = schedule.add(perSecond / 2, index / 2, (due) => {
      if (left === 0) return
      left -= 1
      ask(run, side, client, due)
      if (left > 0) return
      for (const end of ends) end()
      sentAll()
    })
    return () => {
      remove()
      pool.retire()
    }
  })
}
