import type { AttemptId } from '../../../rollout/ports/platform.js'
import type { DesiredState } from './desired-state.js'
import type { ProcessTable } from './process-table.js'
import type { Adopted } from './replica.js'
import { adoptProcess, type ReplicaProcess } from './replica-process.js'

/**
 * Processes that a killed supervisor left behind, recognised by id and start time. Those that are still wanted go on
 * under the new one: they serve, they hold their secrets, and starting them again would only lose requests. All others are
 * terminated, with their grace.
 */
export function formerLife(
  desired: DesiredState,
  processes: ProcessTable,
  log: (line: string) => void,
): Map<AttemptId, Map<number, Adopted>> {
  const adopted = new Map<AttemptId, Map<number, Adopted>>()
  for (const record of [...processes.records]) {
    const { pid, start, attempt, replica, restarts, port, graceMs } = record
    const found = adoptProcess(pid, start)
    if (found === undefined) {
      processes.remove(pid)
    } else if (isWanted(desired, attempt, replica)) {
      log(`process ${pid} of attempt ${attempt} goes on`)
      const replicas = adopted.get(attempt) ?? new Map<number, Adopted>()
      adopted.set(attempt, replicas.set(replica, { process: found, port, restarts }))
    } else {
      log(`process ${pid} of attempt ${attempt} is not wanted any more`)
      void endOrphan(found, graceMs, processes)
    }
  }
  return adopted
}

async function endOrphan(orphan: ReplicaProcess, graceMs: number, processes: ProcessTable): Promise<void> {
  await orphan.terminate(graceMs)
  processes.remove(orphan.pid)
}

function isWanted(desired: DesiredState, attempt: AttemptId, replica: number): boolean {
  return Object.values(desired.places)
    .flatMap((place) => [place, place.former ?? []].flat())
    .some((one) => one.attempt === attempt && one.failure === undefined && replica <= one.replicas)
}
