import { isEmpty } from './empty-sample.js'
import type { AnalysisPolicy } from '../policy.js'
import type { Block } from '../ports/judge.js'
import type { MetricQuery, MetricSource, MetricWindow, PastSample, Sample } from '../ports/metric-source.js'
import type { Session } from '../session.js'
import { describeMissing, type Missing } from './missing.js'
import { sideLabels } from './side-labels.js'
import { askSource, historyLimit } from './source-answer.js'

/** How far back stable is looked at before the first hold of a rollout, in milliseconds, where the policy does not say. */
export const DEFAULT_HISTORY_MS = 600_000

/** Blocks of history are no shorter than this, in milliseconds: what to expect of stable needs no finer grain. */
const SHORTEST_BLOCK_MS = 10_000

/** What stable did before the rollout. */
export interface StablePast {
  /** Blocks without a candidate, oldest first; none where the source does not reach back. */
  readonly blocks: readonly Block[]
  /** Why some of it could not be told; absent where all that there is was told. */
  readonly unknown?: string
}

/**
 * Asks what stable did before the rollout: what to expect of it at the first look.
 *
 * @param untilMs until when counts are complete, in the source's time
 */
export async function stableHistory(
  session: Session,
  source: MetricSource,
  analysis: AnalysisPolicy,
  untilMs: number,
): Promise<StablePast> {
  const { stable } = sideLabels(session)
  const window = historyWindow(session, analysis, untilMs)
  const history = source.history?.bind(source)
  if (history === undefined || stable === undefined || window === undefined) return { blocks: [] }
  const blockMs = blockLength(source, analysis)
  const windows = Math.ceil((window.toMs - window.fromMs) / blockMs)
  const ask = (query: MetricQuery) => {
    const one = source.sourceOf?.(query.name) ?? source
    return askSource(session.scene.clock, one.name, historyLimit(one, windows), () =>
      history(query, stable, window, blockMs),
    )
  }
  const answers = await Promise.all(analysis.queries.map(ask))
  const past = new Map<string, readonly PastSample[]>()
  const failures: Missing[] = []
  analysis.queries.forEach(({ name }, index) => {
    const answer = answers[index]
    if (answer?.kind === 'told') past.set(name, answer.told)
    else if (answer !== undefined) failures.push({ name, why: answer.why })
  })
  return {
    blocks: blocksOf(past, window),
    ...(failures.length > 0 && { unknown: describeMissing(failures) }),
  }
}

/** Not before the present release was stable: what its place did earlier was another release’s work. */
function historyWindow(
  { ledger }: Session,
  analysis: AnalysisPolicy,
  untilMs: number,
): MetricWindow | undefined {
  const since = ledger.stable === undefined ? Number.NaN : Date.parse(ledger.stable.since)
  const wanted = untilMs - (analysis.historyMs ?? DEFAULT_HISTORY_MS)
  const fromMs = Number.isNaN(since) ? wanted : Math.max(wanted, since)
  return fromMs < untilMs ? { fromMs, toMs: untilMs } : undefined
}

/** A whole number of the source's steps. */
function blockLength({ stepMs = 1 }: MetricSource, { intervalMs }: AnalysisPolicy): number {
  return Math.ceil(Math.max(intervalMs, SHORTEST_BLOCK_MS) / stepMs) * stepMs
}

/** Samples of the same window make one block. One without requests says nothing of stable. */
function blocksOf(past: ReadonlyMap<string, readonly PastSample[]>, { fromMs, toMs }: MetricWindow): Block[] {
  const blocks = new Map<string, MetricWindow & { metrics: Record<string, { stable: Sample }> }>()
  for (const [name, samples] of past) {
    for (const { sample, ...window } of samples) {
      if (window.fromMs < fromMs || window.toMs > toMs || isEmpty(sample)) continue
      const key = `${window.fromMs} ${window.toMs}`
      const block = blocks.get(key) ?? { ...window, metrics: {} }
      block.metrics[name] = { stable: sample }
      blocks.set(key, block)
    }
  }
  return [...blocks.values()]
    .toSorted((one, other) => one.fromMs - other.fromMs || one.toMs - other.toMs)
    .map((block) => ({ ...block, weight: 0 }))
}
