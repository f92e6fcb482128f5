import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ActionFile } from '../docs/action-files.ts'

interface Step {
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps?: readonly Step[] }>>
}

/** Which of our actions a step uses: `./actions/deploy`, `OWNER/tuesday/actions/deploy@v1` or `OWNER/tuesday@v1`. */
const folderOf = (uses: string): string | undefined =>
  /^(?:\.|[^/@]+\/tuesday)(?:\/(?<folder>[^@]+))?(?:@.+)?$/.exec(uses)?.groups?.['folder'] ??
  (/^(?:\.\/?|[^/@]+\/tuesday(?:@.+)?)$/.test(uses) ? '' : undefined)

const problemsOfStep = (step: Step, actions: readonly ActionFile[]): string[] => {
  const folder = step.uses === undefined ? undefined : folderOf(step.uses)
  if (folder === undefined) return []
  const action = actions.find((one) => one.folder === folder)
  if (action === undefined) return [`there is no action ${step.uses}`]
  const given = Object.keys(step.with ?? {})
  const required = Object.entries(action.inputs).filter(([, { required: must }]) => must === true)
  return [
    ...given
      .filter((input) => !(input in action.inputs))
      .map(
        (input) => `${step.uses} has no input \`${input}\`; it has ${Object.keys(action.inputs).join(', ')}`,
      ),
    ...required
      .filter(([input]) => !given.includes(input))
      .map(([input]) => `${step.uses} needs the input \`${input}\``),
  ]
}

/** What is wrong with the steps of a workflow that use our own actions: GitHub only warns of an unknown input. */
export const problemsWithOwnActions = (
  root: string,
  file: string,
  actions: readonly ActionFile[],
): string[] => {
  const { jobs } = parse(readFileSync(join(root, file), 'utf8')) as Workflow
  return Object.entries(jobs).flatMap(([job, { steps = [] }]) =>
    steps.flatMap((step) => problemsOfStep(step, actions).map((problem) => `${job}: ${problem}`)),
  )
}
