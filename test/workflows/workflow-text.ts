/** Pieces of workflow files, as users write them. */

/** A whole workflow file of some jobs. */
export function workflow(...jobs: readonly string[]): string {
  return `on: push\njobs:\n${jobs.join('')}`
}

export interface Job {
  readonly id: string
  readonly needs?: string
  readonly if?: string
  readonly strategy?: string
  readonly environment?: string
  readonly env?: string
  readonly outputs?: string
  readonly steps: readonly string[]
}

export function job({ id, needs, if: condition, strategy, environment, env, outputs, steps }: Job): string {
  const keys = [
    ...(needs === undefined ? [] : [`needs: ${needs}`]),
    ...(condition === undefined ? [] : [`if: ${condition}`]),
    ...(strategy === undefined ? [] : [`strategy: ${strategy}`]),
    'runs-on: ubuntu-latest',
    ...(environment === undefined ? [] : [`environment: ${environment}`]),
    ...(env === undefined ? [] : [`env: ${env}`]),
    ...(outputs === undefined ? [] : [`outputs: ${outputs}`]),
  ]
  const all = ['- uses: actions/checkout@v5', ...steps]
  return `  ${id}:\n${keys.map((key) => `    ${key}\n`).join('')}    steps:\n${all.map((step) => `      ${step.replaceAll('\n', '\n      ')}\n`).join('')}`
}

/** A step that uses one of our actions. */
export function uses(
  action: string,
  inputs: Readonly<Record<string, string | number>> = {},
  keys: readonly string[] = [],
): string {
  const given = Object.entries(inputs).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  const lines = [`- uses: OWNER/tuesday/actions/${action}@v1`, ...keys.map((key) => `  ${key}`)]
  return [...lines, ...(given.length === 0 ? [] : [`  with: { ${given.join(', ')} }`])].join('\n')
}

export const deploy = (version: string, more: Readonly<Record<string, string>> = {}): string =>
  uses('deploy', { version, ...more }, ['id: deploy'])
export const smoke = (more: Readonly<Record<string, string>> = {}): string =>
  uses('smoke-test', more, ['id: smoke'])
export const canary = (weight: number, more: Readonly<Record<string, string | number>> = {}): string =>
  uses('canary-step', { weight, ...more }, [`id: w${weight}`])
export const rollback = (more: Readonly<Record<string, string>> = {}): string =>
  uses('rollback', more, ['id: rollback', 'if: failure()'])
/** The root action: the whole plan of rollout.yml in one step. */
export const wholeRollout = (version: string, more: Readonly<Record<string, string>> = {}): string =>
  `- uses: OWNER/tuesday@v1\n  id: rollout\n  with: ${JSON.stringify({ version, ...more })}`

/** A step of the user's own that goes on when a file is there. */
export const waitsFor = (file: string, id: string): string =>
  `- { id: ${id}, run: 'until test -e "${file}"; do sleep 0.1; done' }`
