import { DEFAULT_TIMING, type Timing } from '../rollout/policy.js'
import type { Problem } from './problem.js'
import type { TimingEntry } from './timing-schema.js'
import { durationText } from './duration-text.js'

/** Timing of the core, defaults filled in. */
export function resolveTiming(entry: TimingEntry): { timing: Timing; problems: readonly Problem[] } {
  const timing: Timing = {
    readyDeadlineMs: entry['ready-deadline'] ?? DEFAULT_TIMING.readyDeadlineMs,
    confirmDeadlineMs: entry['confirm-deadline'] ?? DEFAULT_TIMING.confirmDeadlineMs,
    settleMs: entry.settle ?? DEFAULT_TIMING.settleMs,
    drainMs: entry.drain ?? DEFAULT_TIMING.drainMs,
    leaseRenewMs: entry['lease-renew'] ?? DEFAULT_TIMING.leaseRenewMs,
    leaseStaleMs: entry['lease-stale'] ?? DEFAULT_TIMING.leaseStaleMs,
    restMs: entry.rest ?? DEFAULT_TIMING.restMs,
    parkMs: entry.park ?? DEFAULT_TIMING.parkMs,
    unreadyMs: entry.unready ?? DEFAULT_TIMING.unreadyMs,
    busyWaitMs: entry['busy-wait'] ?? DEFAULT_TIMING.busyWaitMs,
  }
  return { timing, problems: staleTooSoon(timing, entry) }
}

/** A lease that goes stale before it can be renewed twice is lost by every slow answer. */
function staleTooSoon(timing: Timing, entry: TimingEntry): readonly Problem[] {
  if (timing.leaseStaleMs >= 2 * timing.leaseRenewMs) return []
  const key = entry['lease-stale'] === undefined ? 'lease-renew' : 'lease-stale'
  const message =
    `lease-stale is ${durationText(timing.leaseStaleMs)} and lease-renew ${durationText(timing.leaseRenewMs)}; ` +
    'allowed: a lease-stale of at least twice lease-renew'
  return [{ path: ['timing', key], mark: 'value', message }]
}
