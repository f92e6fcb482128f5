import { afterEach, describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { startPostgres } from './postgres.js'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

/** Whether somebody listens there. */
async function listens(url: string): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

describe('the PostgreSQL of the tests', () => {
  it('takes statements, two of them side by side', async () => {
    const servers = await Promise.all([startPostgres(), startPostgres()])
    for (const [index, server] of servers.entries()) {
      cleanups.push(() => server.stop())
      const sql = postgres(server.url, { max: 1 })
      cleanups.unshift(() => sql.end())
      await sql`create table orders (id text primary key)`
      await sql`insert into orders values (${`order-${index}`})`
      expect(await sql`select id from orders`).toEqual([{ id: `order-${index}` }])
    }
  })

  it('lets nobody in without its password', async () => {
    const server = await startPostgres()
    cleanups.push(() => server.stop())
    const url = new URL(server.url)
    url.password = 'guessed'
    const sql = postgres(url.href, { max: 1 })
    cleanups.unshift(() => sql.end())
    await expect(sql`select 1`).rejects.toThrow('password authentication failed')
  })

  it('is gone when it was stopped', async () => {
    const server = await startPostgres()
    expect(await listens(server.url)).toBe(true)
    await server.stop()
    expect(await listens(server.url)).toBe(false)
  })

  it('is gone when the process that started it is killed', async () => {
    const module = fileURLToPath(new URL('./postgres.ts', import.meta.url))
    const program = `
      const { startPostgres } = await import(${JSON.stringify(module)})
      console.log((await startPostgres()).url)`
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    cleanups.push(async () => starter.kill('SIGKILL'))
    const [url] = (await once(starter.stdout, 'data')) as [Buffer]
    expect(await listens(String(url))).toBe(true)

    starter.kill('SIGKILL')

    const deadline = performance.now() + 10_000
    while ((await listens(String(url))) && performance.now() < deadline) await sleep(20)
    expect(await listens(String(url))).toBe(false)
  })
})
