import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { postgresBinaries } from './postgres-binaries.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { temporaryFolderFor, unprivileged } from './unprivileged.ts'
import type { Owner } from './unprivileged.ts'

export type Postgres = {
  /** Of a superuser, on loopback: `postgres://postgres:…@127.0.0.1:…/postgres`. */
  url: string
  /** Shuts it down and removes everything that it wrote. */
  stop(): Promise<void>
}

/**
 * A real PostgreSQL, empty, on a free port of 127.0.0.1. It is gone, with its data, when `stop` returns, and also
 * when this process ends in any way. What it holds is not safe against a power cut, and that makes it fast.
 *
 * @throws an Error with its log if it cannot be started.
 */
export async function startPostgres(): Promise<Postgres> {
  const attempts = 5
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      // Somebody else took the port between our asking for it and its taking it.
      const taken = error instanceof Error && error.message.includes('Address already in use')
      if (!taken || attempt === attempts) throw error
    }
  }
}

async function start(): Promise<Postgres> {
  const owner = unprivileged()
  const folder = mkdtempSync(join(temporaryFolderFor(owner), 'tuesday-postgres-'))
  try {
    const binaries = postgresBinaries(owner, folder)
    const password = randomBytes(12).toString('hex')
    const data = await makeData(binaries, owner, folder, password)
    const port = await freePort()
    const stop = await run(binaries, owner, folder, data, port)
    return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, stop }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** Only its own user may see what is in the folder, as PostgreSQL demands. */
async function makeData(
  { initdb }: PostgresBinaries,
  owner: Owner,
  folder: string,
  password: string,
): Promise<string> {
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  chmodSync(folder, 0o711)
  if ('uid' in owner) for (const path of [folder, data, passwordFile]) chownSync(path, owner.uid, owner.gid)
  const settings = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-sync']
  const locale = ['--locale=C', '--encoding=UTF8']
  await promisify(execFile)(initdb, [`--pgdata=${data}`, ...settings, ...locale], {
    ...owner,
    cwd: folder,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  })
  return data
}

/**
 * Runs the server below a shell that waits at a pipe which we hold: the kernel closes the pipe when we end, even
 * by SIGKILL, and the shell then shuts the server down and removes its data.
 */
const whileWeLive = `
folder=$1; shift
"$@" & server=$!
(read -r _ <&3; kill -INT "$server") 2>/dev/null & watcher=$!
exec 3<&-
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
rm -rf "$folder"
exit "$code"`

async function run(
  { postgres }: PostgresBinaries,
  owner: Owner,
  folder: string,
  data: string,
  port: number,
): Promise<() => Promise<void>> {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    // A path below a Mac's temporary folder is too long for a socket.
    unix_socket_directories: '',
    max_connections: 60,
    shared_buffers: '32MB',
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn('/bin/sh', ['-c', whileWeLive, 'postgres', folder, postgres, '-D', data, ...options], {
    ...owner,
    cwd: folder,
    // Ctrl-C in a terminal reaches a whole group of processes; it is we who say when the server ends.
    detached: true,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const lifeline = child.stdio[3]
  lifeline?.on('error', () => undefined)
  const ended = once(child, 'exit').then(() => lifeline?.destroy())
  let log = ''
  const ready = new Promise<void>((resolve) => {
    child.stderr?.on('data', (piece: Buffer) => {
      log = (log + String(piece)).slice(-8_000)
      if (log.includes('ready to accept connections')) resolve()
    })
  })
  const broken = once(child, 'exit').then(([code]): never => {
    throw new Error(`PostgreSQL ended with ${code}:\n${log}`)
  })
  broken.catch(() => undefined)
  await Promise.race([ready, broken])
  return async () => {
    lifeline?.destroy()
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
