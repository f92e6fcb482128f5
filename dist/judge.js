const { run } = await import('./judging.js')
process.exitCode = await run(process.argv.slice(2))
