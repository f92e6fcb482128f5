import type { Observed } from '../../../rollout/ports/platform.js'
import type { StateDirectory } from '../state-directory.js'
import { DesiredStore, type DesiredState } from '../supervisor/desired-state.js'
import { addressesOf } from './addresses.js'
import type { Addresses, CommandName, Commands } from './protocol.js'

/** What a stopped supervisor would answer: what it is to run, of which nothing is ready, and how it routes. */
export function asLeft<Name extends CommandName>(
  directory: StateDirectory,
  command: Name,
): Commands[Name]['answer'] | undefined {
  const state = stateIn(directory)
  const answers: { [Each in CommandName]?: Commands[Each]['answer'] } = {
    observe: observed(state),
    readSplit: { split: state.split, revision: String(state.splitRevision) },
  }
  return answers[command]
}

/** The addresses that it will listen on again; undefined if it never did. */
export function addressesLeft(directory: StateDirectory): Addresses | undefined {
  const { network } = stateIn(directory)
  return network === undefined ? undefined : addressesOf(network)
}

function stateIn(directory: StateDirectory): DesiredState {
  return new DesiredStore(directory.desiredState).state
}

function observed({ places }: DesiredState): Observed {
  return Object.fromEntries(
    Object.entries(places).map(([place, { release, replicas, restarts }]) => [
      place,
      { version: release.version, wanted: replicas, ready: 0, restarts },
    ]),
  )
}
