/** What every row is simulated with: that of the table in docs/analysis-benchmark.md. */
export const setting = {
  requestsPerSecond: 100,
  /** Percent of them that go to the candidate. */
  weight: 5,
  /** A block, and a look after each. */
  secondsPerBlock: 10,
  /** 30 min. */
  blocks: 180,
  /** 10 min of stable before the rollout. */
  historyBlocks: 60,
  /** Any moment: blocks carry wall time. */
  startMs: 1_800_000_000_000,
} as const

export const requestsPerBlock = setting.requestsPerSecond * setting.secondsPerBlock
export const blockMs = setting.secondsPerBlock * 1_000

/** Beginning of the block with this number; history has negative ones. */
export const fromMsOf = (index: number): number => setting.startMs + index * blockMs
