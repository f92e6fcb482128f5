import { keyText } from '../config/problem.js'
import type { Block } from '../rollout/ports/judge.js'

/** Which blocks begin before an earlier one of the same metric ends: what they count would be counted twice, or in the wrong order. */
export function misplacedBlocks(blocks: readonly Block[]): readonly string[] {
  const lastOf = new Map<string, number>()
  const problems: string[] = []
  for (const [index, { fromMs, metrics }] of blocks.entries()) {
    const names = Object.keys(metrics)
    const before = names.map((name) => lastOf.get(name)).find((last) => fromMs < endOf(blocks, last))
    if (before !== undefined) {
      const place = keyText(['blocks', index, 'fromMs'])
      const end = `${keyText(['blocks', before])} ends, ${endOf(blocks, before)}`
      problems.push(`${place}: given ${fromMs}; allowed: a moment from where ${end}, on`)
    }
    for (const name of names) lastOf.set(name, index)
  }
  return problems
}

function endOf(blocks: readonly Block[], index: number | undefined): number {
  return index === undefined ? -Infinity : (blocks[index]?.toMs ?? -Infinity)
}
