import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import type { Finding, Intent } from '../../rollout/ports/platform.js'
import type { LocalService } from './local-service.js'
import { describeHolder, holderOf } from './port-holder.js'
import { DesiredStore } from './supervisor/desired-state.js'
import { canListen } from './supervisor/free-port.js'
import { StateDirectory } from './state-directory.js'

/** What will lose requests or cannot work, found without changing anything. */
export async function findings(service: LocalService, intent: Intent): Promise<Finding[]> {
  return [
    ...aboutSystem(service),
    ...(intent.recorded === true ? [] : [...aboutReturning(service, intent), ...aboutFiles(service)]),
    ...aboutVariables(service),
    ...aboutProbes(service),
    ...(await aboutPorts(service)),
  ]
}

function aboutSystem({ settings, environment }: LocalService): Finding[] {
  const found: Finding[] = []
  if (process.platform === 'win32') {
    found.push(
      error(
        'platform local does not run on Windows: it needs process groups and signals',
        'Use a Linux or macOS runner.',
      ),
    )
  }
  if (environment['RUNNER_ENVIRONMENT'] === 'github-hosted') {
    found.push(
      warning(
        'this is a GitHub-hosted runner: the machine and all that runs on it are gone when the job ends',
        'Keep all steps of the rollout in one job, or use one self-hosted machine.',
      ),
    )
  }
  if (settings.replicas === 1) {
    found.push(
      warning(
        'one replica only: whenever it ends or is restarted, its slot answers nobody',
        'Set platform.local.replicas to 2 or more.',
      ),
    )
  }
  return found
}

function aboutReturning({ settings }: LocalService, { release }: Intent): Finding[] {
  if (settings.artifact !== undefined || release.image !== undefined) return []
  return [
    warning(
      'no artifact is named: whenever a release is started again, it runs what is in the workspace then',
      'Set platform.local.artifact to what your build makes, so that a copy of each release is kept.',
    ),
  ]
}

function aboutFiles(service: LocalService): Finding[] {
  const { settings, workspace, environment } = service
  const found: Finding[] = []
  const source = settings.artifact === undefined ? undefined : resolve(workspace, settings.artifact)
  const root = source === undefined ? workspace : folderOf(source)
  const folder = resolve(root, settings.workingDirectory)
  if (source !== undefined && !existsSync(source)) {
    found.push(
      error(
        `platform.local.artifact: ${source} does not exist`,
        'Build it in a step before, or download it (actions/download-artifact).',
      ),
    )
  } else if (source !== undefined && isInside(settings.directory, source)) {
    found.push(
      error(
        `platform.local.artifact: ${source} contains the state directory ${settings.directory}`,
        'Name a directory outside, or a smaller artifact: it would be copied into itself.',
      ),
    )
  } else if (source !== undefined && !isInside(folder, root)) {
    found.push(
      error(
        `platform.local.working-directory: ${settings.workingDirectory} leads out of the artifact`,
        'Give a folder inside the artifact; it is all that is kept of a release.',
      ),
    )
  } else if (!existsSync(folder) && settings.workingDirectory !== '.') {
    found.push(
      error(
        `platform.local.working-directory: ${folder} does not exist`,
        'Give a folder that exists when the release is placed.',
      ),
    )
  }
  const [program = ''] = settings.command
  if (!isProgram(program, folder, environment['PATH'] ?? '')) {
    found.push(
      error(
        `platform.local.command: the program ${JSON.stringify(program)} is not found, or may not be executed`,
        'Install it in a step before, give its path, or `chmod +x` it. For a shell write command: [sh, -c, "…"].',
      ),
    )
  }
  return found
}

function aboutVariables({ settings, environment }: LocalService): Finding[] {
  return settings.envFrom
    .filter((name) => environment[name] === undefined)
    .map((name) =>
      error(
        `platform.local.env-from: this step has no variable ${name}`,
        `Give it to the step: env: { ${name}: \${{ secrets.${name} }} }`,
      ),
    )
}

function aboutProbes({ settings: { readiness, liveness } }: LocalService): Finding[] {
  if (liveness === undefined || liveness.path !== readiness.path) return []
  return [
    warning(
      `liveness and readiness ask the same path ${liveness.path}: what should only keep requests away kills the process instead`,
      'Let readiness look at what the service needs, and liveness only at whether it answers at all.',
    ),
  ]
}

/** A running supervisor holds its ports, and answers for others itself. */
async function aboutPorts({ settings, client }: LocalService): Promise<Finding[]> {
  if (await client.isRunning()) return []
  const stopped = client.everStarted ? [aboutStopped(settings)] : []
  return [...stopped, ...(await aboutTakenPorts(settings))]
}

/** Seen by dry runs only: every other step has started it by now. */
function aboutStopped({ service, directory }: LocalService['settings']): Finding {
  return warning(
    `the supervisor of ${service} (${directory}) is stopped: nothing answers, whatever the ledger says`,
    'The next step that is no dry run starts it again, with all that it ran.',
  )
}

async function aboutTakenPorts(settings: LocalService['settings']): Promise<Finding[]> {
  const { network } = new DesiredStore(new StateDirectory(settings.directory).desiredState).state
  const { host, port, slotPorts, metricsPort } = network ?? settings
  const wanted: [string, string, number | undefined][] = [
    ['port', host, port],
    ['slot-ports.blue', '127.0.0.1', slotPorts.blue],
    ['slot-ports.green', '127.0.0.1', slotPorts.green],
    ['metrics-port', '127.0.0.1', metricsPort],
  ]
  const found: Finding[] = []
  for (const [key, address, number] of wanted) {
    if (number === undefined || number === 0 || (await canListen(address, number))) continue
    const holder = holderOf(address, number)
    if (holder === undefined && (await canListen(address, number))) continue
    // Ours, whose state directory was removed: it is ending, and the next one waits for it.
    if (holder?.supervisor?.directory === settings.directory) continue
    const { who, mend } = describeHolder(holder)
    found.push(error(`platform.local.${key}: port ${number} of ${address} is taken by ${who}`, mend))
  }
  return found
}

function isProgram(program: string, folder: string, path: string): boolean {
  const candidates = program.includes('/')
    ? [resolve(folder, program)]
    : path.split(delimiter).map((directory) => join(directory, program))
  return candidates.some((candidate) => {
    try {
      accessSync(candidate, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** A file is copied into a folder of its own. */
function folderOf(artifact: string): string {
  return statSync(artifact, { throwIfNoEntry: false })?.isFile() === true ? dirname(artifact) : artifact
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return !way.startsWith('..') && !isAbsolute(way)
}

function error(what: string, mend: string): Finding {
  return { severity: 'error', what, mend }
}

function warning(what: string, mend: string): Finding {
  return { severity: 'warning', what, mend }
}
