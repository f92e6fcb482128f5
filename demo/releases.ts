/** One release of the demo's shop: what its commit brings, and how it behaves. */
export interface Release {
  readonly version: string
  readonly title: string
  /** How many of the migrations in `shop/db/migrations` its commit holds, in their order. */
  readonly migrations: number
  /** Traits of the sample service (`test/sample-service/release-traits.ts`) that are built into this release. */
  readonly traits: Readonly<Record<string, string | number>>
}

/** Three releases of one service, in the order in which they are pushed. */
export const releases = {
  first: { version: 'v1', title: 'the first release ever', migrations: 1, traits: {} },
  good: {
    version: 'v2',
    title: 'writes a new column of the database',
    migrations: 2,
    traits: { WRITE_COLUMN: 'channel' },
  },
  bad: {
    version: 'v3',
    title: '5 % errors and 40 ms slower',
    migrations: 2,
    traits: { WRITE_COLUMN: 'channel', ERROR_SHARE: 0.05, DELAY_MS: 40 },
  },
} as const satisfies Record<string, Release>
