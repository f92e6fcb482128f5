import type { Release } from '../release.js'

/** A migration that stands between the schema of today and a release. */
export interface SchemaObstacle {
  readonly migration: string
  readonly why: string
}

/** Says whether a release can run on today's schema; asked before a return. */
export interface SchemaGate {
  obstacle(release: Release): Promise<SchemaObstacle | undefined>
}
