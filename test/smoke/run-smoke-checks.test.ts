import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { runSmokeChecks } from '../../src/smoke/run-smoke-checks.js'
import type { SmokeResults, SmokeRun } from '../../src/smoke/run-smoke-checks.js'
import type { Expectation, SmokeCheck } from '../../src/smoke/smoke-check.js'

let server: Server
let answer: RequestListener
/** Connections that the server has seen. */
let connections: number
beforeEach(async () => {
  connections = 0
  answer = (_, response) => response.end('ok')
  server = createServer((request, response) => answer(request, response))
  server.on('connection', () => (connections += 1))
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const address = (port = (server.address() as AddressInfo).port): URL => new URL(`http://127.0.0.1:${port}`)

type Wish = Partial<Omit<SmokeCheck, 'expect'>> & { expect?: Partial<Expectation> }

function check({ expect: expected, ...rest }: Wish = {}): SmokeCheck {
  const any: Expectation = { status: [200], contains: [], json: {}, withinMs: 2_000 }
  return {
    name: 'a page',
    method: 'GET',
    path: '/',
    headers: {},
    body: undefined,
    retries: 0,
    ...rest,
    expect: { ...any, ...expected },
  }
}

function ask(wishes: readonly Wish[], run: Partial<SmokeRun> = {}): Promise<SmokeResults> {
  return runSmokeChecks(wishes.map(check), {
    baseUrl: address(),
    headers: {},
    expectVersion: undefined,
    budgetMs: 10_000,
    redact: (text) => text,
    narrate: () => undefined,
    signal: new AbortController().signal,
    ...run,
  })
}

/** What is said of a check that must fail. */
async function fault(wish: Wish = {}, run?: Partial<SmokeRun>): Promise<string> {
  const { failed, passed } = await ask([wish], run)
  expect(passed).toEqual([])
  return failed[0]?.sentence ?? ''
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const piece of request) body += String(piece)
  return body
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
}

describe('a secret that the server repeats', () => {
  const redact = (text: string): string => text.replaceAll('marker-of-the-key', '***')

  it('is not shown in part where a long text is cut', async () => {
    answer = (_, response) => response.writeHead(500).end(`${'x'.repeat(290)}marker-of-the-key`)
    const sentence = await fault({}, { redact })
    expect(sentence).toContain('xxx***')
    expect(sentence).not.toContain('marker')
  })

  it('is not shown wherever it stands', async () => {
    answer = (_, response) => {
      response.writeHead(302, { location: '/?key=marker-of-the-key', 'x-version': 'marker-of-the-key' })
      response.end('{"key":"marker-of-the-key"}')
    }
    const expectVersion = { version: 'v2', from: { kind: 'header', name: 'X-Version' } } as const
    const expected = { json: { '$.key': 'other' }, contains: ['marker-of-the-key!'] }
    const sentence = await fault({ expect: expected }, { redact, expectVersion })
    expect(sentence.match(/[*]{3}/g)?.length).toBeGreaterThanOrEqual(4)
    expect(sentence).not.toContain('marker')
  })

  it('is still compared as it is', async () => {
    answer = (_, response) => response.end('{"key":"marker-of-the-key"}')
    const expected = { json: { '$.key': 'marker-of-the-key' }, contains: ['marker-of-the-key'] }
    expect((await ask([{ expect: expected }], { redact })).failed).toEqual([])
  })
})

describe('an answer as it should be', () => {
  it('passes, with what was asked and how long it took', async () => {
    const seen: unknown[] = []
    answer = (request, response) => {
      void bodyOf(request).then((body) => {
        const { 'x-tester': tester, accept } = request.headers
        seen.push([request.method, request.url, tester, accept, body])
        response.statusCode = 201
        json(response, { order: { lines: [{ sku: 'a' }, { sku: 'b' }], total: 12.5, note: null } })
      })
    }
    const lines: string[] = []
    const order: Wish = {
      name: 'order',
      method: 'POST',
      path: '/orders:batch?dry=1',
      headers: { accept: 'application/json' },
      body: '{"sku":"a"}',
      expect: {
        status: [200, 201],
        contains: ['"total"', '12.5'],
        json: {
          '$.order.lines[1].sku': 'b',
          '$..total': 12.5,
          '$.order.note': null,
          '$.order.lines[?@.sku=="a"].sku': 'a',
        },
      },
    }
    const { passed, failed } = await ask([order], {
      headers: { 'x-tester': 'yes' },
      narrate: (line) => lines.push(line),
    })
    expect(failed).toEqual([])
    expect(passed).toMatchObject([
      { name: 'order', passed: true, sentence: expect.stringMatching(/^status 201 in \d+ ms$/) },
    ])
    expect(seen).toEqual([['POST', '/orders:batch?dry=1', 'yes', 'application/json', '{"sku":"a"}']])
    expect(lines).toEqual([expect.stringMatching(/^✓ order: status 201 in \d+ ms$/)])
  })

  it('is asked below the path of the address', async () => {
    answer = (request, response) => response.end(request.url)
    const baseUrl = new URL('/api/v1/namespaces/shop/services/blue/proxy', address())
    const { passed } = await ask([{ path: '/health', expect: { contains: ['/blue/proxy/health'] } }], {
      baseUrl,
    })
    expect(passed).toHaveLength(1)
  })
})

describe('a tester’s header', () => {
  it('is not overruled by a header of the check, in whatever case', async () => {
    const seen: unknown[] = []
    answer = (request, response) => {
      seen.push(request.headers['x-tuesday-slot'])
      response.end('ok')
    }
    await ask([{ headers: { 'X-Tuesday-Slot': 'blue' } }], { headers: { 'x-tuesday-slot': 'green' } })
    expect(seen).toEqual(['green'])
  })
})

describe('an answer of the wrong kind', () => {
  it('has another status: its body is shown, without commands to the runner', async () => {
    answer = (_, response) => {
      response.statusCode = 500
      response.end(`\u001b[31mno\u0007\r\n::error::owned\n##[group] ${'x'.repeat(400)}`)
    }
    const sentence = await fault()
    expect(sentence).toMatch(
      /^status 500 instead of 200; body: " ?\[31mno : :error: :owned # #\[group\] x+… \(\d+ characters\)"$/,
    )
    expect(sentence.length).toBeLessThan(400)
  })

  it('is a redirect, which is not followed', async () => {
    let asked = 0
    answer = (_, response) => {
      asked += 1
      response.writeHead(302, { location: '/login' }).end()
    }
    expect(await fault()).toBe('status 302 (a redirect to /login) instead of 200; body: empty')
    expect(asked).toBe(1)
  })

  it('lacks a text', async () => {
    expect(await fault({ expect: { contains: ['ok', 'welcome'] } })).toBe(
      'the body does not contain "welcome"; body: "ok"',
    )
  })

  it('has another value, none, or no JSON', async () => {
    answer = (request, response) =>
      request.url === '/text' ? response.end('<p>') : json(response, { status: 'down', list: [1, 2] })
    expect(await fault({ expect: { json: { '$.status': 'ok' } } })).toBe('$.status is "down" instead of "ok"')
    expect(await fault({ expect: { json: { '$.list[*]': 3 } } })).toBe('$.list[*] is 1, 2 instead of 3')
    expect(await fault({ expect: { json: { '$.list[0]': '1' } } })).toBe('$.list[0] is 1 instead of "1"')
    expect(await fault({ expect: { json: { '$.missing': null } } })).toBe(
      '$.missing is nothing instead of null',
    )
    expect(await fault({ path: '/text', expect: { json: { '$.status': 'ok' } } })).toMatch(
      /^\$\.status cannot be read: .*; body: "<p>"$/,
    )
    expect(await fault({ expect: { json: { '$.[': 'ok' } } })).toMatch(/^\$\.\[ cannot be read: /)
  })

  it('comes late', async () => {
    answer = (_, response) => void setTimeout(() => response.end('ok'), 250)
    expect(await fault({ expect: { withinMs: 100 } })).toMatch(
      /^the answer took [23]\d\d ms instead of at most 100 ms$/,
    )
  })
})

describe('the version that answers', () => {
  const byHeader = { version: 'v2', from: { kind: 'header', name: 'X-Version' } } as const
  const byJson = { version: 'v2', from: { kind: 'json', path: '$.version' } } as const

  it.each([
    ['in a header', byHeader],
    ['in the body', byJson],
  ])('must be the candidate, %s', async (_, expectVersion) => {
    let version: string | undefined = 'v2'
    answer = (_request, response) => {
      if (version !== undefined) response.setHeader('x-version', version)
      json(response, { version })
    }
    expect((await ask([{}], { expectVersion })).passed).toHaveLength(1)
    version = 'v1'
    expect(await fault({}, { expectVersion })).toMatch(/^version v1 answered instead of v2 \(.*\)$/)
    version = 'v22'
    expect(await fault({}, { expectVersion })).toMatch(/^version v22 answered instead of v2/)
    for (version of [undefined, ''])
      expect(await fault({}, { expectVersion })).toMatch(/^the answer names no version \(.*\); expected: v2$/)
  })

  it('is checked in every try, so that a wrong slot cannot pass by answering 200', async () => {
    let asked = 0
    answer = (_, response) => {
      asked += 1
      response.setHeader('x-version', 'v1').end('ok')
    }
    expect(await fault({ retries: 2 }, { expectVersion: byHeader })).toMatch(/^version v1 answered/)
    expect(asked).toBe(3)
  })
})

describe('no answer', () => {
  it('is not waited for without end', async () => {
    answer = () => undefined
    const started = performance.now()
    expect(await fault({ expect: { withinMs: 100 } })).toBe('no complete answer within 1100 ms')
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  it('is not waited for either when its body never ends, slowly', async () => {
    answer = (_, response) => {
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
    }
    expect(await fault({ expect: { withinMs: 100 } })).toBe('no complete answer within 1100 ms')
  })

  it('is not read beyond a mebibyte when its body never ends, quickly', async () => {
    let closed = false
    answer = (_, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      }
      response.on('drain', pour).on('close', () => (closed = true))
      pour()
    }
    expect(await fault()).toBe('the body is longer than 1 MiB')
    while (!closed) await new Promise((resolve) => setTimeout(resolve, 5))
  })

  it('is a connection that is reset, before the answer or in the middle of it', async () => {
    answer = (request) => request.socket.resetAndDestroy()
    expect(await fault()).toBe('the connection was reset')
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setTimeout(() => request.socket.resetAndDestroy(), 20)
    }
    expect(await fault()).toBe('the connection was reset')
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setTimeout(() => request.socket.end(), 20)
    }
    expect(await fault()).toBe('the connection was reset')
  })

  it('is refused, or is not HTTP', async () => {
    const stranger = createTcpServer((socket) =>
      socket
        .resume()
        .on('error', () => undefined)
        .end('220 mail.example ESMTP\r\n'),
    )
    await once(stranger.listen(0, '127.0.0.1'), 'listening')
    const { port } = stranger.address() as AddressInfo
    expect(await fault({}, { baseUrl: address(port) })).toMatch(/^the answer is not HTTP \(HPE_/)
    stranger.close()
    await once(stranger, 'close')
    expect(await fault({}, { baseUrl: address(port) })).toBe('the connection was refused')
  })
})

describe('trying again', () => {
  it('counts what came right in the end as passed, and says at which try', async () => {
    let asked = 0
    answer = (_, response) => {
      asked += 1
      response.statusCode = asked < 3 ? 503 : 200
      response.end()
    }
    const { passed } = await ask([{ retries: 5 }])
    expect(passed).toMatchObject([
      { sentence: expect.stringMatching(/^status 200 in \d+ ms, at try 3 of 6$/) },
    ])
    expect(asked).toBe(3)
    expect(connections).toBe(3)
  })
})

describe('what never comes right', () => {
  it('has failed after all its tries, and says how many they were', async () => {
    let asked = 0
    answer = (_, response) => {
      asked += 1
      response.writeHead(503).end()
    }
    expect(await fault({ retries: 1 })).toBe('status 503 instead of 200; body: empty; after 2 tries')
    expect(asked).toBe(2)
    expect(await fault()).toBe('status 503 instead of 200; body: empty')
  })
})

describe('many checks', () => {
  it('are asked four side by side, each on a connection of its own, and reported in their order', async () => {
    let atOnce = 0
    let most = 0
    answer = (request, response) => {
      atOnce += 1
      most = Math.max(most, atOnce)
      const late = request.url?.endsWith('0') === true ? 200 : 40
      setTimeout(() => {
        atOnce -= 1
        response.statusCode = request.url === '/5' ? 404 : 200
        response.end()
      }, late)
    }
    const names = Array.from({ length: 12 }, (_, index) => String(index))
    const results = await ask(names.map((name) => ({ name, path: `/${name}` })))
    expect(most).toBe(4)
    expect(connections).toBe(12)
    expect(results.all.map(({ name }) => name)).toEqual(names)
    expect(results.failed.map(({ name }) => name)).toEqual(['5'])
    expect(results.passed).toHaveLength(11)
  })

  it('share one budget: what did not fit has failed', async () => {
    answer = (request, response) => void (request.url === '/slow' || response.end())
    const started = performance.now()
    const slow = { path: '/slow', expect: { withinMs: 60_000 }, retries: 9 }
    const { failed, passed } = await ask([{ name: 'quick' }, ...Array.from({ length: 5 }, () => slow)], {
      budgetMs: 400,
    })
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(passed.map(({ name }) => name)).toEqual(['quick'])
    expect(failed.map(({ sentence }) => sentence)).toEqual(
      Array(5).fill('the budget of 0.4 s for all checks was over'),
    )
  })

  it('end at once when the job is cancelled', async () => {
    answer = () => undefined
    const cancelling = new AbortController()
    const results = ask([{}, { retries: 20 }], { signal: cancelling.signal })
    await once(server, 'request')
    const started = performance.now()
    cancelling.abort()
    expect((await results).failed.map(({ sentence }) => sentence)).toEqual(
      Array(2).fill('not asked: the job was cancelled'),
    )
    expect(performance.now() - started).toBeLessThan(500)
  })
})
