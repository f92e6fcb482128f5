/**
 * The control of all scenarios: a second service without a rollout, on the same platform, under the same load, from
 * the first scenario to the last. What it loses, the machine lost, and the scenario that ran then is void.
 *
 * Prints where each platform's record is, and ends when its input ends: also when whoever started it was killed.
 */
import { startLoad } from '../../load/start.ts'
import { PLATFORMS } from '../platforms/platforms.ts'
import { ScenarioStage } from '../scenario-stage.ts'

/** The steady load of a scenario with a part of its bursts. */
const RATES = { keepAlive: 125, newConnection: 100, cookies: 50 }

const ended = new Promise((resolve) => process.stdin.once('end', resolve).once('close', resolve).resume())
const records: Record<string, string> = {}
const closings: (() => Promise<void>)[] = []
try {
  for (const [platform, start] of Object.entries(PLATFORMS)) {
    const stage = await ScenarioStage.open(start)
    closings.unshift(() => stage.close(false))
    await stage.live('control')
    const recordFile = `${stage.folder}/record.ndjson`
    const load = await startLoad({
      target: stage.platform.publicUrl,
      rates: RATES,
      slow: { clients: 0, ms: 0 },
      journals: [stage.platform.journal],
      recordFile,
    })
    closings.unshift(() => load.stop().then(() => undefined))
    records[platform] = recordFile
  }
  console.log(JSON.stringify(records))
  await ended
} finally {
  for (const close of closings) await close()
}
