process.getBuiltinModule('module').enableCompileCache()
const { run } = await import('./tuesday.js')
await run('analyze', 'main')
