import { it } from '@jest/globals'
import { PLATFORMS } from './platforms/platforms.ts'
import { ScenarioStage, VoidRun, type StageWishes } from './scenario-stage.ts'

/** A run that the machine has spoilt is repeated, so often at most. */
const REPEATS = 2
const LIMIT_MS = 300_000

/**
 * One scenario, on every platform: a test whose run is void (the generator was late, or the control service lost a
 * request) says so and is repeated at most twice.
 */
export function scenario(
  name: string,
  play: (stage: ScenarioStage) => Promise<void>,
  wishes: StageWishes = {},
): void {
  for (const [platform, start] of Object.entries(PLATFORMS)) {
    it(
      `${name} (${platform})`,
      async () => {
        for (let repeats = 0; ; repeats++) {
          const stage = await ScenarioStage.open(start, wishes)
          const began = performance.now()
          let failed = true
          try {
            await play(stage)
            failed = false
            say(
              `${name} (${platform}): ${[...stage.figures, `${((performance.now() - began) / 1_000).toFixed(1)} s`].join(', ')}`,
            )
            return
          } catch (thrown) {
            const spoilt = thrown instanceof VoidRun ? thrown.message : await stage.spoiltBy()
            if (spoilt === undefined || repeats >= REPEATS) throw thrown
            say(`void, and repeated: ${name} (${platform}): ${spoilt}`)
            if (!(thrown instanceof VoidRun)) say(`it had failed: ${String(thrown).slice(0, 2_000)}`)
          } finally {
            await stage.close(failed)
          }
        }
      },
      wishes.limitMs ?? LIMIT_MS,
    )
  }
}

/** At once, and not when the whole file has ended: a scenario takes a minute. */
function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
