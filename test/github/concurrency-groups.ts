/**
 * `concurrency:` groups: one holder and one that waits; who comes next displaces the one that waits, unless
 * `queue: max` lets up to 100 wait (trap 39). A job that waits for approval holds the waiting place (trap 38).
 */
export interface ConcurrencyRule {
  group: string
  cancelInProgress: boolean
  queue: 'single' | 'max'
}

/** A place in a group. */
export interface Place {
  /** Resolves when the group is free for this place: `false` if it was displaced before. */
  start: () => Promise<boolean>
  leave: () => void
}

interface Member {
  onDisplaced: () => void
  /** Set once it wants to start. */
  wake: ((admitted: boolean) => void) | undefined
  displaced: boolean
}

const longestQueue = 100

/** All groups of a repository. Share one between the runs of a scenario. */
export class ConcurrencyGroups {
  readonly #groups = new Map<string, { holder: Member | undefined; waiting: Member[] }>()

  /** Takes a waiting place; `onDisplaced` is called when a newer one takes it, or cancels the holder. */
  join(rule: ConcurrencyRule, onDisplaced: () => void): Place {
    const group = this.#groups.get(rule.group) ?? { holder: undefined, waiting: [] }
    this.#groups.set(rule.group, group)
    const member: Member = { onDisplaced, wake: undefined, displaced: false }
    const room = rule.queue === 'max' ? longestQueue : 1
    while (group.waiting.length >= room) displace(group.waiting.shift())
    if (rule.cancelInProgress) {
      for (const other of group.waiting.splice(0)) displace(other)
      displace(group.holder)
    }
    group.waiting.push(member)
    const admit = (): void => {
      const next = group.waiting.find((other) => other.wake !== undefined)
      if (group.holder !== undefined || next === undefined) return
      group.waiting.splice(group.waiting.indexOf(next), 1)
      group.holder = next
      next.wake?.(true)
    }
    return {
      start: () =>
        new Promise((resolve) => {
          if (member.displaced) return resolve(false)
          member.wake = resolve
          admit()
        }),
      leave: () => {
        if (group.holder === member) group.holder = undefined
        group.waiting = group.waiting.filter((other) => other !== member)
        admit()
      },
    }
  }
}

function displace(member: Member | undefined): void {
  if (member === undefined || member.displaced) return
  member.displaced = true
  member.onDisplaced()
  member.wake?.(false)
}
