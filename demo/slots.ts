export type SlotName = 'blue' | 'green'

/** What the router of the local platform says of one slot. */
export interface Slot {
  readonly name: SlotName
  /** The release whose processes run there; undefined if none do. */
  readonly version: string | undefined
  /** Percentage of all requests. */
  readonly weight: number
  readonly readyReplicas: number
}

/**
 * Reads both slots from the platform's own /metrics, which anybody may scrape.
 * @returns undefined while nothing answers there yet.
 */
export async function readSlots(
  metricsPort: number,
  signal: AbortSignal,
): Promise<readonly Slot[] | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { signal })
    return slotsIn(await answer.text())
  } catch {
    return undefined
  }
}

/** Both slots, out of Prometheus text. */
export function slotsIn(text: string): readonly Slot[] {
  const samples = samplesIn(text)
  return (['blue', 'green'] as const).map((name) => {
    const of = (metric: string) =>
      samples.find((sample) => sample.metric === metric && sample.labels['slot'] === name)
    const readyReplicas = of('tuesday_ready_replicas')?.value ?? 0
    const running = of('tuesday_in_flight')?.labels['version']
    return { name, version: running, weight: of('tuesday_weight_percent')?.value ?? 0, readyReplicas }
  })
}

interface Sample {
  readonly metric: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

function samplesIn(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const found = /^(\w+)\{(.*)\} (\S+)$/.exec(line)
    if (found === null) return []
    const [, metric = '', labels = '', value = ''] = found
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text = '']) => [key, text])
    return [{ metric, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }]
  })
}
