import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfigFile, type ConfigSource } from '../config/read-config-file.js'
import { messageOf, UserError } from '../rollout/user-error.js'
import type { Stage } from '../workflow/run-action.js'

type Keeping = Pick<Stage, 'environment' | 'masks' | 'narrator'>

/** Names of files may have 255 bytes. */
const LONGEST_NAME = 200

/**
 * Keeps rollout.yml as a step of this job has used it, in the folder that GitHub empties before and after each job:
 * a file that breaks or goes while a candidate has traffic must not stand in the way back. It holds no secrets and
 * is as small as what was read (256 KiB at most). Going back works without it as before, so what fails is only told.
 */
export function keepConfig({ environment, masks, narrator }: Keeping, { file, text }: ConfigSource): void {
  const path = pathOf(environment, file)
  if (path === undefined || masks.occurringIn(text) !== undefined) return
  try {
    writeFileSync(`${path}.new`, text, { mode: 0o600 })
    renameSync(`${path}.new`, path)
  } catch (thrown) {
    narrator.say(`${file} could not be kept for the steps to come: ${messageOf(thrown)}`)
  }
}

/**
 * Does what goes back with rollout.yml as it is now; where that cannot be used, as an earlier step of this job used
 * it. For going back only: whatever goes forward must be told that the file is wrong.
 * @param use does nothing that lasts when it throws a UserError
 * @throws UserError that says, besides, that traffic was not touched
 */
export async function withConfigOf<Done>(
  stage: Keeping,
  file: string,
  use: (source: ConfigSource) => Promise<Done>,
): Promise<Done> {
  try {
    return await use(await readConfigFile(file, stage.environment.workspace))
  } catch (refused) {
    if (!(refused instanceof UserError)) throw refused
    const text = keptText(stage, file)
    if (text === undefined) throw untouched(refused)
    const done = await use({ file, text }).catch((thrown: unknown) => {
      throw thrown instanceof UserError ? untouched(refused) : thrown
    })
    stage.narrator.warn(
      `${file} cannot be used any more; going back with it as an earlier step of this job used it.\n${refused.message}`,
    )
    return done
  }
}

/** A copy that was not made is no reason of its own: what is wrong with the file is told then. */
function keptText({ environment }: Keeping, file: string): string | undefined {
  const path = pathOf(environment, file)
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function pathOf({ temporaryFolder, actor }: Stage['environment'], file: string): string | undefined {
  const { run, attempt, job } = actor
  const name = `tuesday-config-${encodeURIComponent([run, attempt, job, file].join(' '))}`
  return name.length > LONGEST_NAME ? undefined : join(temporaryFolder, name)
}

function untouched(refused: UserError): UserError {
  const hint = [
    refused.hint,
    'Traffic was not touched: it stands where the step before left it. Mend the file, or check out a commit where it is right, and run `rollback` again.',
  ]
  return new UserError(refused.message, {
    hint: hint.filter((part) => part !== undefined).join(' '),
    marks: refused.marks,
    cause: refused,
  })
}
