import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf } from '../../../rollout/user-error.js'
import { addressesOf } from '../control/addresses.js'
import { Connection } from '../control/connection.js'
import { createForwarder } from '../forwarding/create-forwarder.js'
import { errorCode, StateDirectory } from '../state-directory.js'
import { DesiredStore } from './desired-state.js'
import { Supervisor, type SupervisorOptions } from './supervisor.js'

const USAGE = `The supervisor of platform local. Usage:
  local-supervisor.js status --directory <state directory>   what runs, and where it answers
  local-supervisor.js stop   --directory <state directory>   drains and stops everything; the next step starts it again
  local-supervisor.js run    --directory <state directory> --service <name> --environment <name> --host <address> --lock <n>   what a step starts`

/** It ends when nothing is placed and nobody asked for anything for this long. */
const IDLE_EXIT_MS = 600_000

async function main(): Promise<number> {
  const asked = readArguments()
  if (typeof asked === 'string') return misuse(asked)
  const { command, help, directory, service, environment, host, lock } = asked
  if (help) {
    console.log(USAGE)
    return 0
  }
  if (directory === undefined) return misuse('--directory is missing: the state directory of a service')
  switch (command) {
    case 'run':
      return run({ directory, service, environment, host }, Number(lock))
    case 'stop':
    case 'status':
      if (!existsSync(join(directory, 'supervisor.log'))) return unknownDirectory(directory)
      return command === 'stop' ? stop(directory) : status(directory)
    default:
      return misuse(
        command === undefined ? 'no command is given' : `the command ${JSON.stringify(command)} is not known`,
      )
  }
}

/** What was asked for, or what is wrong with it. */
function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        directory: { type: 'string' },
        service: { type: 'string', default: 'service' },
        environment: { type: 'string', default: 'default' },
        host: { type: 'string', default: '127.0.0.1' },
        lock: { type: 'string', default: '0' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    return { ...values, command: positionals[0] }
  } catch (error) {
    return messageOf(error)
  }
}

type Served = Pick<SupervisorOptions, 'directory' | 'service' | 'environment' | 'host'>

async function run(served: Served, lock: number): Promise<number> {
  // The step that starts us has made it; if it is gone again we come too late.
  if (!existsSync(served.directory)) return 0
  const supervisor = new Supervisor({ ...served, idleExitMs: IDLE_EXIT_MS, createForwarder })
  // All traffic flows through this process: a mistake in one request or command must not cut the others.
  process.on('uncaughtException', (error) => supervisor.log(`unexpected: ${error.stack ?? error.message}`))
  process.on('unhandledRejection', (reason) => {
    supervisor.log(
      `unexpected: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`,
    )
  })
  try {
    if (!(await supervisor.start(lock))) return 0
  } catch (error) {
    supervisor.log(`could not start: ${messageOf(error)}`)
    return 1
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void supervisor.stop())
  // The terminal that a step ran in is closed; we stay.
  process.on('SIGHUP', () => undefined)
  await supervisor.ended
  return 0
}

async function stop(directory: string): Promise<number> {
  const connection = await connect(directory)
  if (connection === undefined) return 0
  console.log('Draining and stopping …')
  await connection.shutdown()
  console.log('Stopped.')
  return 0
}

async function status(directory: string): Promise<number> {
  const connection = await connect(directory)
  if (connection === undefined) return 0
  const placed = await connection.request('observe', {})
  const { split } = await connection.request('readSplit', {})
  const { network } = new DesiredStore(new StateDirectory(directory).desiredState).state
  const addresses = network === undefined ? undefined : addressesOf(network)
  console.log(JSON.stringify({ addresses, placed, split }, undefined, 2))
  return 0
}

async function connect(directory: string): Promise<Connection | undefined> {
  const socket = new StateDirectory(directory).recordedSocket()
  try {
    if (socket !== undefined) return await Connection.open(socket)
  } catch (error) {
    const code = errorCode(error)
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error
  }
  console.log(`No supervisor runs for ${directory}.`)
  return undefined
}

function misuse(problem: string): number {
  console.error(`${problem}\n\n${USAGE}`)
  return 2
}

/** A mistyped path must not look like a service that is stopped. */
function unknownDirectory(directory: string): number {
  const what = existsSync(directory)
    ? 'is no state directory: no supervisor ever ran there'
    : 'does not exist'
  console.error(`${directory} ${what}`)
  const below = dirname(directory)
  const others = existsSync(below)
    ? readdirSync(below).filter((name) => existsSync(join(below, name, 'supervisor.log')))
    : []
  if (others.length > 0) console.error(`State directories in ${below}: ${others.join(', ')}`)
  return 1
}

try {
  process.exit(await main())
} catch (error) {
  console.error(messageOf(error))
  process.exit(1)
}
