/** A workflow file as the runner needs it: GitHub's parser has accepted it, expressions are still unevaluated. */
import { basename } from 'node:path'
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
import { convertWorkflowTemplate } from './parser-library.ts'
import {
  InvalidFile,
  at,
  entries,
  items,
  readWorkflowTemplate,
  refuseProblems,
  text,
} from './read-template.ts'

export interface WorkflowFile {
  file: string
  name: string
  /** Names of the events under `on:`. */
  events: string[]
  /** Defaults of `workflow_dispatch` inputs. */
  inputDefaults: Record<string, string | number | boolean>
  env: TemplateToken | undefined
  concurrency: TemplateToken | undefined
  jobs: JobPlan[]
}

export interface JobPlan {
  id: string
  name: TemplateToken | undefined
  needs: string[]
  if: TemplateToken | undefined
  env: TemplateToken | undefined
  environment: TemplateToken | undefined
  concurrency: TemplateToken | undefined
  strategy: TemplateToken | undefined
  outputs: TemplateToken | undefined
  continueOnError: TemplateToken | undefined
  timeoutMinutes: TemplateToken | undefined
  /** `defaults.run` of the job, then of the workflow. */
  defaults: (TemplateToken | undefined)[]
  /** Of the job, else of the workflow; `undefined` where the repository's default holds. */
  permissions: Permissions | undefined
  steps: StepPlan[]
}

/** `{ contents: 'read', … }`; `read-all` and `write-all` stand under the key `*`. */
export type Permissions = Record<string, string>

export interface StepPlan {
  /** The `id:`, or the name GitHub gives (`__run`, `__self_2`): also the value of GITHUB_ACTION. */
  id: string
  /** Whether the id was written by the user, so that `steps.<id>` exists. */
  hasOwnId: boolean
  name: TemplateToken | undefined
  if: TemplateToken | undefined
  env: TemplateToken | undefined
  run: TemplateToken | undefined
  uses: string | undefined
  with: TemplateToken | undefined
  shell: TemplateToken | undefined
  workingDirectory: TemplateToken | undefined
  continueOnError: TemplateToken | undefined
  timeoutMinutes: TemplateToken | undefined
}

/** Reads and checks a workflow file. Throws {@link InvalidFile} for everything GitHub or this runner refuses. */
export async function readWorkflow(file: string): Promise<WorkflowFile> {
  const { context, root } = await readWorkflowTemplate(file)
  const converted = await convertWorkflowTemplate(context, root)
  refuseProblems(file, context)
  const jobs = entries(at(root, 'jobs')).map(([id, token]) => {
    const ids = converted.jobs.find((job) => job.id.value === id)
    return jobPlan(file, id, token, root, ids?.type === 'job' ? ids.steps.map((step) => step.id) : [])
  })
  const on = at(root, 'on')
  return {
    file,
    name: text(at(root, 'name')) ?? basename(file),
    events: entries(on).length > 0 ? entries(on).map(([name]) => name) : items(on).map(String),
    inputDefaults: inputDefaults(at(at(at(root, 'on'), 'workflow_dispatch'), 'inputs')),
    env: at(root, 'env'),
    concurrency: at(root, 'concurrency'),
    jobs,
  }
}

/**
 * What GitHub would refuse in a workflow file, as sentences with line and column; none if it would take it.
 * For checks of examples and of our own workflows.
 */
export async function problemsOfWorkflow(file: string): Promise<readonly string[]> {
  try {
    const { context, root } = await readWorkflowTemplate(file)
    await convertWorkflowTemplate(context, root)
    refuseProblems(file, context)
    return []
  } catch (error) {
    if (error instanceof InvalidFile) return error.problems
    throw error
  }
}

function jobPlan(
  file: string,
  id: string,
  token: TemplateToken,
  root: TemplateToken,
  stepIds: string[],
): JobPlan {
  for (const key of ['uses', 'container', 'services', 'snapshot']) {
    if (at(token, key) !== undefined) {
      throw new InvalidFile(file, [
        `jobs.${id}.${key}: this runner plays no reusable workflows and no containers`,
      ])
    }
  }
  return {
    id,
    name: at(token, 'name'),
    needs: items(at(token, 'needs')).map(String),
    if: at(token, 'if'),
    env: at(token, 'env'),
    environment: at(token, 'environment'),
    concurrency: at(token, 'concurrency'),
    strategy: at(token, 'strategy'),
    outputs: at(token, 'outputs'),
    continueOnError: at(token, 'continue-on-error'),
    timeoutMinutes: at(token, 'timeout-minutes'),
    defaults: [at(at(token, 'defaults'), 'run'), at(at(root, 'defaults'), 'run')],
    permissions: permissions(at(token, 'permissions') ?? at(root, 'permissions')),
    steps: items(at(token, 'steps')).map((step, index) =>
      stepPlan(step, stepIds[index] ?? `__step_${index}`),
    ),
  }
}

/** One step of a job or of a composite action. */
export function stepPlan(token: TemplateToken, id: string): StepPlan {
  return {
    id,
    hasOwnId: at(token, 'id') !== undefined,
    name: at(token, 'name'),
    if: at(token, 'if'),
    env: at(token, 'env'),
    run: at(token, 'run'),
    uses: text(at(token, 'uses')),
    with: at(token, 'with'),
    shell: at(token, 'shell'),
    workingDirectory: at(token, 'working-directory'),
    continueOnError: at(token, 'continue-on-error'),
    timeoutMinutes: at(token, 'timeout-minutes'),
  }
}

function permissions(token: TemplateToken | undefined): Permissions | undefined {
  if (token === undefined) return undefined
  const listed = entries(token)
  if (listed.length > 0) return Object.fromEntries(listed.map(([name, value]) => [name, value.toString()]))
  const all = /^(read|write)-all$/.exec(token.isScalar ? token.toString() : '')?.[1]
  return all === undefined ? {} : { '*': all }
}

function inputDefaults(token: TemplateToken | undefined): Record<string, string | number | boolean> {
  const found: Record<string, string | number | boolean> = {}
  for (const [name, input] of entries(token)) {
    const written = text(at(input, 'default'))
    const type = text(at(input, 'type'))
    if (type === 'boolean') found[name] = written === 'true'
    else if (type === 'number') found[name] = Number(written ?? 0)
    else found[name] = written ?? ''
  }
  return found
}
