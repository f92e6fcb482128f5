import * as v from 'valibot'
import { DEFAULT_TIMING, type Timing } from '../rollout/policy.js'
import { durationText } from './duration-text.js'
import { duration, key, positiveDuration } from './value-formats.js'

const byDefault = (name: keyof Timing): string => durationText(DEFAULT_TIMING[name])

/** Durations of a rollout. */
export const timingSchema = v.strictObject(
  {
    'ready-deadline': key(
      positiveDuration,
      'Until a placed release must be ready.',
      byDefault('readyDeadlineMs'),
    ),
    'confirm-deadline': key(
      positiveDuration,
      'Until a written weight must have taken effect and been confirmed. A weight that takes more answers than come by then, at `confirm.rate`, is refused: below 0.63 % by default.',
      byDefault('confirmDeadlineMs'),
    ),
    settle: key(
      duration,
      'Wait between a switch and stopping processes, where the router cannot say that it has let go.',
      byDefault('settleMs'),
    ),
    drain: key(
      duration,
      'How long requests and connections in flight may take to end before a slot is retired.',
      byDefault('drainMs'),
    ),
    'lease-renew': key(
      positiveDuration,
      'How often a step at work renews its lease.',
      byDefault('leaseRenewMs'),
    ),
    'lease-stale': key(
      positiveDuration,
      'A lease that was not renewed for this long is stale. At least twice lease-renew.',
      byDefault('leaseStaleMs'),
    ),
    rest: key(
      positiveDuration,
      'How long a rollout may rest between two steps of a job.',
      byDefault('restMs'),
    ),
    park: key(
      positiveDuration,
      'How long a rollout waits for the jobs to come (approvals) after a job has ended well.',
      byDefault('parkMs'),
    ),
    unready: key(
      positiveDuration,
      'Fewer ready replicas than wanted for this long, while a weight is held, is a failed check.',
      byDefault('unreadyMs'),
    ),
    'busy-wait': key(positiveDuration, 'How long `if-busy: wait` waits.', byDefault('busyWaitMs')),
  },
  'a map of durations such as { drain: 30s, park: 24h }',
)

export type TimingEntry = v.InferOutput<typeof timingSchema>
