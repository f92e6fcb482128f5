/** The command `judge` from its sources: what dist/judge.js does with the bundle. */
import { run } from '../../src/replay/main.js'

process.exitCode = await run(process.argv.slice(2))
