import type { Capabilities } from '../../src/rollout/ports/router.js'

/** What a router can do by its vendor's documentation, and where that is written. */
export interface Documented {
  readonly can: Capabilities
  readonly source: string
}

/**
 * What each router can do. An adapter that declares less than its row fails its contract suite: leaving a property out
 * of the claims would take it out of the tests too.
 */
export const ROUTERS: Readonly<Record<string, Documented>> = {
  local: {
    can: {
      weights: 'any',
      sticky: true,
      header: true,
      mirror: false,
      status: true,
      conditional: true,
      websockets: true,
    },
    source:
      'src/platforms/local/forwarding/forwarder.ts: requests are forwarded by the supervisor itself, by buckets of 0.01 %',
  },
  'memory router': {
    can: {
      weights: 'any',
      sticky: true,
      header: true,
      mirror: false,
      status: true,
      conditional: true,
      websockets: false,
    },
    source: 'test/memory/memory-router.ts: the double that the core is tested against',
  },
}

const FINENESS = ['all-or-nothing', 'percent', 'any'] as const

/** The properties of the table that an adapter does not claim. */
export function undeclared(declared: Capabilities, documented: Capabilities): string[] {
  const missing: string[] = (
    ['sticky', 'header', 'mirror', 'status', 'conditional', 'websockets'] as const
  ).filter((property) => documented[property] && !declared[property])
  if (FINENESS.indexOf(declared.weights) < FINENESS.indexOf(documented.weights)) missing.push('weights')
  return missing
}
