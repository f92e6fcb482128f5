import postgres from 'postgres'

/** An order for the database. */
export type Order = { id: string; version: string; writeColumn: string | undefined }

export type OrdersTable = {
  /** Inserts the order; rejects when the database refuses it, or the column that the release writes is not there. */
  insert(order: Order): Promise<void>
  count(): Promise<number>
  close(): Promise<void>
}

/**
 * Orders in PostgreSQL: the table `orders` with at least `id text` and `version text`, made by the user's migrations. A
 * release with a `writeColumn` fills that column too, with its own version.
 */
export function ordersTable(url: string): OrdersTable {
  const sql = postgres(url, { max: 4, idle_timeout: 30, connect_timeout: 5, onnotice: () => undefined })
  return {
    insert: async ({ id, version, writeColumn }) => {
      const row = writeColumn === undefined ? { id, version } : { id, version, [writeColumn]: version }
      await sql`insert into orders ${sql(row)}`
    },
    count: async () => {
      const [row] = await sql<{ count: number }[]>`select count(*)::int as count from orders`
      return row?.count ?? 0
    },
    close: () => sql.end({ timeout: 1 }),
  }
}
