/** The actions that have a `main` of their own: one stub each. `rollout` is the root action. */
export const actions = [
  'deploy',
  'smoke-test',
  'canary-step',
  'analyze',
  'rollback',
  'migrate',
  'rollout',
] as const

/** The compile cache takes 10 to 25 % off the second step of a job and the ones after it. */
const stub = (call: string): string =>
  [
    "process.getBuiltinModule('module').enableCompileCache()",
    "const { run } = await import('./tuesday.js')",
    `await ${call}`,
    '',
  ].join('\n')

/** What `runs.main` and `runs.post` name: each loads the one shared bundle. */
export const stubs = (): Map<string, string> =>
  new Map([
    ...actions.map((action): [string, string] => [`${action}.js`, stub(`run('${action}', 'main')`)]),
    ['post.js', stub("run('post', 'post')")],
  ])
