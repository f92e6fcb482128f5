/** An action.yml as the runner needs it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
import { at, entries, InvalidFile, items, readActionTemplate, text } from './read-template.ts'
import { stepPlan, type StepPlan } from './workflow-file.ts'

export interface ActionFile {
  directory: string
  name: string
  inputs: { name: string; default: TemplateToken | undefined; deprecationMessage: string | undefined }[]
  outputs: { name: string; value: TemplateToken | undefined }[]
  runs: NodeAction | CompositeAction
}

export interface NodeAction {
  using: 'node24'
  main: string
  pre: string | undefined
  post: string | undefined
  /** Conditions as they stand; both are `always()` when left out. */
  preIf: string
  postIf: string
}

export interface CompositeAction {
  using: 'composite'
  steps: StepPlan[]
}

/** Reads the action in a folder. Throws {@link InvalidFile} if GitHub refuses it, or if it needs another runtime. */
export async function readAction(directory: string): Promise<ActionFile> {
  const file = ['action.yml', 'action.yaml']
    .map((name) => join(directory, name))
    .find((path) => existsSync(path))
  if (file === undefined) {
    throw new Error(
      `Can't find 'action.yml' or 'action.yaml' under '${directory}'. Did you forget to run actions/checkout before running your local action?`,
    )
  }
  const { root } = await readActionTemplate(file)
  const runs = at(root, 'runs')
  return {
    directory,
    name: text(at(root, 'name')) ?? '',
    inputs: entries(at(root, 'inputs')).map(([name, input]) => ({
      name,
      default: at(input, 'default'),
      deprecationMessage: text(at(input, 'deprecationMessage')),
    })),
    outputs: entries(at(root, 'outputs')).map(([name, output]) => ({ name, value: at(output, 'value') })),
    runs: readRuns(file, directory, runs),
  }
}

/** What GitHub would refuse in an action.yml, as sentences with line and column; none if it would take it. */
export async function problemsOfAction(file: string): Promise<readonly string[]> {
  try {
    await readActionTemplate(file)
    return []
  } catch (error) {
    if (error instanceof InvalidFile) return error.problems
    throw error
  }
}

function readRuns(
  file: string,
  directory: string,
  runs: TemplateToken | undefined,
): NodeAction | CompositeAction {
  const using = text(at(runs, 'using'))
  if (using === 'composite') {
    const steps = items(at(runs, 'steps')).map((step, index) => {
      const own = text(at(step, 'id'))
      return stepPlan(
        step,
        own ?? (at(step, 'run') === undefined ? `__action_${index + 1}` : `__run_${index + 1}`),
      )
    })
    return { using, steps }
  }
  // GitHub runs JavaScript actions on node24 only (trap 42); a docker action cannot run here.
  if (using !== 'node24')
    throw new InvalidFile(file, [`runs.using: '${using ?? ''}', this runner knows node24 and composite`])
  const script = (key: string): string | undefined => {
    const path = text(at(runs, key))
    if (path !== undefined && !existsSync(join(directory, path))) {
      throw new InvalidFile(file, [`runs.${key}: File not found: '${join(directory, path)}'`])
    }
    return path
  }
  const main = script('main')
  if (main === undefined) throw new InvalidFile(file, ['runs.main is missing'])
  return {
    using,
    main,
    pre: script('pre'),
    post: script('post'),
    preIf: text(at(runs, 'pre-if')) ?? 'always()',
    postIf: text(at(runs, 'post-if')) ?? 'always()',
  }
}
