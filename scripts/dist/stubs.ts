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

/** `npm run judge`: needs nothing but Node, so that a report can be judged again from what every job downloads. */
const judge = [
  "const { run } = await import('./judging.js')",
  'process.exitCode = await run(process.argv.slice(2))',
  '',
].join('\n')

/** What `runs.main` and `runs.post` name, each of which loads the one shared bundle, and the command `judge`. */
export const stubs = (): Map<string, string> =>
  new Map([
    ...actions.map((action): [string, string] => [`${action}.js`, stub(`run('${action}', 'main')`)]),
    ['post.js', stub("run('post', 'post')")],
    ['judge.js', judge],
  ])
