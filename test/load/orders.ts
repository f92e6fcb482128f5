import type { Entry } from './order-journal.ts'
import type { Row } from './record.ts'

export type Orders = {
  /** Ids that were written down more than once: something between client and service tried twice. */
  doubled: string[]
  /** Ids whose client was told that the order was taken, and that no service has written down. */
  missing: string[]
}

/** Holds the orders of the clients against what the services wrote down. Orders of other clients are not looked at. */
export function checkOrders(rows: readonly Row[], journal: readonly Entry[]): Orders {
  const times = new Map<string, number>()
  for (const { id } of journal) times.set(id, (times.get(id) ?? 0) + 1)
  const orders = rows.flatMap(({ id, error }) => (id === null ? [] : [{ id, taken: error === null }]))
  return {
    doubled: orders.filter(({ id }) => (times.get(id) ?? 0) > 1).map(({ id }) => id),
    missing: orders.filter(({ id, taken }) => taken && !times.has(id)).map(({ id }) => id),
  }
}
