import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { standsInTheWay } from './kernel-address.js'

/** A process that listens at a port. */
export interface PortHolder {
  readonly pid: number
  /** The name of its program, without its arguments: those may hold secrets. */
  readonly program: string
  /** What it serves, if it is a supervisor of ours. */
  readonly supervisor?: { readonly service: string; readonly directory: string }
}

/**
 * Who listens at a TCP port of this machine so that nobody else can at this address; undefined where the system does not
 * tell this user. macOS does not tell addresses apart.
 */
export function holderOf(host: string, port: number): PortHolder | undefined {
  const found = process.platform === 'linux' ? fromProc(host, port) : fromLsof(port)
  if (found === undefined) return undefined
  const { pid, words } = found
  const supervisor = supervisorIn(words)
  return { pid, program: basename(words[0] ?? ''), ...(supervisor !== undefined && { supervisor }) }
}

/** Who holds a port, in words, and what can be done about it. */
export function describeHolder(holder: PortHolder | undefined): { who: string; mend: string } {
  if (holder === undefined) {
    return { who: 'another program', mend: 'Stop that program, or name a free port.' }
  }
  const { pid, program, supervisor } = holder
  if (supervisor === undefined) {
    return {
      who: `another program, ${program} (process ${pid})`,
      mend: 'Stop that program, or name a free port.',
    }
  }
  const { service, directory } = supervisor
  return {
    who: `the supervisor of ${service} with the state directory ${directory} (process ${pid})`,
    mend: `If that is the one that is meant, mend the input service or environment. Else give each a port of its own, or stop that one: node dist/local-supervisor.js stop --directory ${directory}`,
  }
}

interface Listener {
  readonly pid: number
  readonly words: readonly string[]
}

/** https://docs.kernel.org/networking/proc_net_tcp.html: local address, state (0A: listening) and inode of each socket. */
function fromProc(host: string, port: number): Listener | undefined {
  const tables = ['tcp', 'tcp6'].map((name) => textOf(`/proc/net/${name}`))
  const sockets = new Set(tables.flatMap((table) => listening(host, port, table)))
  if (sockets.size === 0) return undefined
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const pid = pids.find((id) => descriptorsOf(id).some((descriptor) => sockets.has(descriptor)))
  if (pid === undefined) return undefined
  const words = textOf(`/proc/${pid}/cmdline`).split('\0')
  // Nothing where it has ended in between.
  return words[0] === '' ? undefined : { pid: Number(pid), words }
}

function listening(host: string, port: number, table: string): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
    const [address = '', at] = local?.split(':') ?? []
    return at === hex && state === '0A' && standsInTheWay(host, address) ? [`socket:[${inode}]`] : []
  })
}

/** Nothing for processes of other users, and for those that end while they are looked at. */
function descriptorsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${name}`)
      } catch {
        return ''
      }
    })
  } catch {
    return []
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** macOS has no /proc. Paths with spaces are cut: then a supervisor is named by its program alone. */
function fromLsof(port: number): Listener | undefined {
  const { execFileSync } = process.getBuiltinModule('node:child_process')
  const print = (program: string, args: string[]): string =>
    execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const pid = Number(print('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t']).split('\n')[0])
    const words = print('ps', ['-o', 'command=', '-p', String(pid)])
      .trim()
      .split(/\s+/)
    return { pid, words }
  } catch {
    // Exit status 1: nobody listens whom this user may see.
    return undefined
  }
}

function supervisorIn(words: readonly string[]): PortHolder['supervisor'] {
  const start = words.findIndex((word) => basename(word).startsWith('local-supervisor'))
  if (start < 0 || words[start + 1] !== 'run') return undefined
  const given = (option: string): string | undefined => {
    const place = words.indexOf(option, start)
    return place < 0 ? undefined : words[place + 1]
  }
  const service = given('--service')
  const directory = given('--directory')
  return service === undefined || directory === undefined ? undefined : { service, directory }
}
