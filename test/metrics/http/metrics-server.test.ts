import { afterEach, describe, expect, it } from '@jest/globals'
import { WHAT_TIME } from '../../../src/metrics/counting/server-clock.js'
import { MetricsServer } from '../../../src/metrics/http/metrics-server.js'
import type { ServerSettings } from '../../../src/metrics/http/server-settings.js'
import type { Clock } from '../../../src/rollout/ports/clock.js'
import { TransientError } from '../../../src/rollout/ports/transient-error.js'
import { UserError } from '../../../src/rollout/user-error.js'
import { VirtualClock } from '../../memory/virtual-clock.js'
import { hangUp, json, ScriptedServer, text, type Reply } from './scripted-server.js'

const open: ScriptedServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

async function scripted(...replies: Reply[]): Promise<{ server: ScriptedServer; url: string }> {
  const server = new ScriptedServer(replies)
  open.push(server)
  return { server, url: await server.listen() }
}

function client(
  settings: ServerSettings,
  {
    signal = new AbortController().signal,
    clock = new VirtualClock(),
  }: { readonly signal?: AbortSignal; readonly clock?: Clock } = {},
) {
  const context = { clock, signal, service: 'shop', warn: () => undefined, random: () => 1 }
  return new MetricsServer('source', settings, context)
}

/** What a promise is rejected with. */
async function failureOf(promise: Promise<unknown>): Promise<UserError | TransientError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (thrown instanceof UserError || thrown instanceof TransientError) return thrown
  throw new Error(`neither UserError nor TransientError: ${String(thrown)}`)
}

describe('a question to a server of metrics', () => {
  it('goes below the path prefix, with its query, body and the headers of the settings', async () => {
    const { server, url } = await scripted(json({ ok: true }))
    const asked = client({ url: `${url}/prefix/?tenant=a%26b`, headers: { 'X-Scope-OrgID': 'team' } })
    expect(await asked.json({ path: '/api', query: { q: 'a b&c' } })).toEqual({ ok: true })
    await asked.json({ method: 'POST', path: '/form', body: new URLSearchParams({ query: 'up{a="b"}' }) })
    await asked.json({ method: 'POST', path: '/json', body: { a: [1] }, headers: () => ({ signed: 'now' }) })
    expect(server.seen).toMatchObject([
      { method: 'GET', url: '/prefix/api?tenant=a%26b&q=a+b%26c', headers: { 'x-scope-orgid': 'team' } },
      { body: 'query=up%7Ba%3D%22b%22%7D', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      { body: '{"a":[1]}', headers: { 'content-type': 'application/json', signed: 'now' } },
    ])
  })

  it.each([
    [{ basic: { username: 'me', password: 'let:me in' } }, `Basic ${btoa('me:let:me in')}`],
    [{ bearer: 'abc.def' }, 'Bearer abc.def'],
    [{ headers: { Authorization: 'Custom xyz' } }, 'Custom xyz'],
  ])('says who asks: %j', async (credentials, authorization) => {
    const { server, url } = await scripted(json({}))
    await client({ url, ...credentials }).json({ path: '/' })
    expect(server.seen[0]?.headers.authorization).toBe(authorization)
  })

  it('takes user and password out of the address', async () => {
    const { server, url } = await scripted(text('no', 403))
    const asked = client({ url: url.replace('://', '://me:p%40ss-word@') })
    const { message } = await failureOf(asked.json({ path: '/' }))
    expect(server.seen[0]?.headers.authorization).toBe(`Basic ${btoa('me:p@ss-word')}`)
    expect(message).toBe(`source at ${url} answered 403: "no"`)
  })

  it('is refused where it would say twice who asks, or where the address is none', () => {
    expect(() => client({ url: 'http://u:p@host', bearer: 'x' })).toThrow(
      /is given basic and bearer; allowed: one/,
    )
    expect(() => client({ url: 'prometheus:9090/x y' })).toThrow(/url begins with prometheus:/)
    expect(() => client({ url: 'nothing' })).toThrow('source: url is no address')
    const broken = (): unknown => client({ url: 'http://host', bearer: 'secret-one\nsecret-two' })
    expect(broken).toThrow(/bearer holds a line break/)
    expect(broken).not.toThrow(/secret-/)
  })
})

describe('an answer that may come later', () => {
  it.each([429, 500, 502, 503, 504, 408])('is asked for again after %d', async (status) => {
    const { server, url } = await scripted(text('busy', status), text('busy', status), json([1]))
    expect(await client({ url }).json({ path: '/' })).toEqual([1])
    expect(server.seen).toHaveLength(3)
  })

  it('is asked for again after a connection that was closed', async () => {
    const { server, url } = await scripted(hangUp, json([1]))
    expect(await client({ url }).json({ path: '/' })).toEqual([1])
    expect(server.seen).toHaveLength(2)
  })

  it('is waited for with growing pauses, or as long as the server says', async () => {
    const clock = new VirtualClock()
    const { url } = await scripted(
      text('', 500),
      text('', 500),
      text('', 429, { 'retry-after': '7' }),
      json([1]),
    )
    await client({ url }, { clock }).json({ path: '/' })
    expect(clock.monotonicMs()).toBe(250 + 500 + 7_000)
  })

  it('understands a date to come back at, by the clock of the server', async () => {
    const clock = new VirtualClock()
    const headers = { date: 'Tue, 06 Jan 2026 10:00:00 GMT', 'retry-after': 'Tue, 06 Jan 2026 10:00:05 GMT' }
    const { url } = await scripted(text('', 503, headers), json([1]))
    await client({ url }, { clock }).json({ path: '/' })
    expect(clock.monotonicMs()).toBe(5_000)
  })

  it('is given up when it would come too late, with what the server said', async () => {
    const { server, url } = await scripted(json({ error: 'too many' }, 429, { 'retry-after': '60' }))
    const failure = await failureOf(client({ url }).json({ path: '/' }))
    expect(failure).toBeInstanceOf(TransientError)
    expect(failure).toMatchObject({
      message: `source at ${url} answered 429: "too many"`,
      retryAfterMs: 60_000,
    })
    expect(server.seen).toHaveLength(1)
  })

  it('is given up after five tries', async () => {
    const { server, url } = await scripted(text('down for today', 503))
    const { message } = await failureOf(client({ url }).json({ path: '/' }))
    expect(message).toBe(`source at ${url} answered 503: "down for today" (5 tries)`)
    expect(server.seen).toHaveLength(5)
  })

  it('is given up when it does not come in time', async () => {
    const { url } = await scripted(() => undefined)
    const failure = await failureOf(client({ url, timeoutMs: 30, patienceMs: 200 }).json({ path: '/' }))
    expect(failure).toBeInstanceOf(TransientError)
    expect(failure.message).toMatch(/no complete answer within 0\.1 s/)
  })

  it('is given up when its body stops coming', async () => {
    const { url } = await scripted((response) => void response.writeHead(200).write('{"a":'))
    const { message } = await failureOf(client({ url, timeoutMs: 50, patienceMs: 100 }).json({ path: '/' }))
    expect(message).toMatch(/no complete answer/)
  })

  it('is given up when the step is cancelled', async () => {
    const cancel = new AbortController()
    const { url } = await scripted(() => cancel.abort())
    const failure = await failureOf(client({ url }, { signal: cancel.signal }).json({ path: '/' }))
    expect(failure).toBeInstanceOf(TransientError)
    expect(failure.message).toMatch(/given up, since the step is cancelled/)
  })

  it('may be told in words of its own', async () => {
    const throttled = json({ __type: 'Throttling' }, 400)
    const { server, url } = await scripted(throttled, json([1]))
    const isPassing = ({ body }: { body: string }): boolean => body.includes('Throttling')
    expect(await client({ url }).json({ path: '/', isPassing })).toEqual([1])
    expect(server.seen).toHaveLength(2)
  })
})

describe('many questions at once', () => {
  /** Time as it is: what waits for a connection waits for a server. */
  const realTime: Clock = {
    monotonicMs: () => performance.now(),
    wallTime: () => new Date(),
    sleep: (ms) => new Promise((woken) => setTimeout(woken, ms)),
  }
  const after = (ms: number, reply: Reply): Reply => {
    return (response, seen) => void setTimeout(() => reply(response, seen), ms)
  }

  it('wait for a connection, which is not the server’s time: none is given up for it', async () => {
    const { server, url } = await scripted(after(150, json(1)))
    const asked = client({ url, timeoutMs: 400, patienceMs: 400 }, { clock: realTime })
    // Five rounds of six, 750 ms in all.
    const answers = Array.from({ length: 30 }, () => asked.json({ path: '/' }))
    expect(await Promise.all(answers)).toEqual(answers.map(() => 1))
    expect(server.seen).toHaveLength(30)
  })

  it('leave each its whole patience: the last may be asked again as often as the first', async () => {
    const slow = Array.from({ length: 6 }, () => after(600, json(1)))
    const { server, url } = await scripted(...slow, text('busy', 503), json(2))
    const asked = client({ url, patienceMs: 700 }, { clock: realTime })
    const answers = Array.from({ length: 7 }, () => asked.json({ path: '/' }))
    expect(await Promise.all(answers)).toEqual([1, 1, 1, 1, 1, 1, 2])
    expect(server.seen).toHaveLength(8)
  })
})

describe('a question for the time alone', () => {
  it('has any answer for one, whatever its status', async () => {
    const { server, url } = await scripted(text('', 404, { date: 'Tue, 06 Jan 2026 11:05:00 GMT' }))
    const answer = await client({ url: `${url}/prefix` }).ask(WHAT_TIME)
    expect(answer.headers['date']).toBe('Tue, 06 Jan 2026 11:05:00 GMT')
    expect(server.seen).toMatchObject([{ method: 'HEAD', url: '/prefix', body: '' }])
  })
})

describe('a source with a name of its own', () => {
  it('is called by it', async () => {
    const { url } = await scripted(text('no', 403))
    const context = {
      clock: new VirtualClock(),
      signal: new AbortController().signal,
      service: 'shop',
      warn: () => undefined,
      sourceName: 'main (prometheus)',
    }
    const { message } = await failureOf(new MetricsServer('prometheus', { url }, context).json({ path: '/' }))
    expect(message).toBe(`main (prometheus) at ${url} answered 403: "no"`)
    expect(() => new MetricsServer('prometheus', { url: 'nothing' }, context)).toThrow(
      'main (prometheus): url is no address',
    )
  })
})

describe('a refusal', () => {
  it.each([
    [401, 'Set the credentials'],
    [403, 'may not do this'],
    [404, 'path prefix'],
    [422, 'correct it as the server says'],
  ])('with %d is final and says what to do', async (status, hint) => {
    const { server, url } = await scripted(json({ errors: [{ message: 'because' }] }, status))
    const failure = await failureOf(client({ url, bearer: 'token-token' }).json({ path: '/' }))
    expect(failure).toBeInstanceOf(UserError)
    expect(failure).toMatchObject({
      message: `source at ${url} answered ${status}: "because"`,
      hint: expect.stringContaining(hint),
    })
    expect(server.seen).toHaveLength(1)
  })

  it('is an answer where the question says so', async () => {
    const { url } = await scripted(json({ why: 1 }, 422))
    expect(await client({ url }).ask({ path: '/', accept: [422] })).toMatchObject({
      status: 422,
      body: '{"why":1}',
    })
  })

  it('is short, on one line, no command to the runner, and without secrets or the query', async () => {
    const echo: Reply = (response, { headers, url }) => {
      const said = `${headers.authorization} ${String(headers['dd-api-key'])} ${url}\n::error::x ${'y'.repeat(9_999)}`
      response.writeHead(400, { 'content-type': 'text/plain' }).end(said)
    }
    const { url } = await scripted(echo)
    const asked = client({
      url: `${url}/?key=key%2Fin%2Faddress`,
      bearer: 'token-token',
      headers: { 'DD-API-KEY': 'key/key&key' },
      secrets: ['in-path'],
    })
    const { message } = await failureOf(asked.json({ path: '/in-path/x', query: { key: 'key/key&key' } }))
    expect(message).not.toMatch(/token-token|key\/key|key%2F|in-path|\n|::error/)
    expect(message).toContain('Bearer *** *** /***/x?key=***&key=***')
    expect(message.length).toBeLessThan(500)
  })

  it.each([
    ['<!doctype html><title>Sign in · SSO</title>', 'text/html', '"a web page, Sign in · SSO"'],
    ['<html>', 'application/json', '"a web page"'],
    ['<title lang="de">Anmelden', 'text/html', '"a web page, Anmelden"'],
    ['', 'text/plain', 'nothing'],
    ['{"a":', 'application/json', '"{\\"a\\":"'],
  ])('is any answer that is no JSON: %s', async (body, type, told) => {
    const { url } = await scripted(text(body, 200, { 'content-type': type }))
    const failure = await failureOf(client({ url }).json({ path: '/' }))
    expect(failure).toBeInstanceOf(UserError)
    expect(failure.message).toBe(`source at ${url} answered with ${told} instead of JSON`)
  })
})

describe('credentials in an answer', () => {
  const token = `tok<&"'>/en`
  it.each([
    ['as Go writes JSON', 'tok\\u003c\\u0026\\"\'\\u003e/en'],
    ['as JSON for pages', 'tok\\u003C\\u0026\\"\\u0027\\u003E/en'],
    ['as PHP writes JSON', 'tok<&\\"\'>\\/en'],
    ['as HTML', 'tok&lt;&amp;&quot;&#39;&gt;/en'],
    ['as HTML of Go', 'tok&lt;&amp;&#34;&#39;&gt;/en'],
    ['as HTML of Python', 'tok&lt;&amp;&quot;&#x27;&gt;/en'],
  ])('are taken out %s', async (_, echoed) => {
    const { url } = await scripted(text(`you are ${echoed}.`, 401))
    const { message } = await failureOf(client({ url, bearer: token }).json({ path: '/' }))
    expect(message).toBe(`source at ${url} answered 401: "you are ***."`)
  })

  it.each([
    { bearer: 'token-token\n' },
    { headers: { 'X-Key': 'token-token \n' } },
    { headers: { 'X-Key': 'Key  token-token' } },
  ])('are sent and taken out without the spaces and line breaks around them: %j', async (credentials) => {
    const { server, url } = await scripted(text('not token-token', 401))
    const { message } = await failureOf(client({ url, ...credentials }).json({ path: '/' }))
    expect(message).toBe(`source at ${url} answered 401: "not ***"`)
    expect(server.seen).toHaveLength(1)
  })

  it('are read from an address in which a percent sign stands for itself', async () => {
    const { server, url } = await scripted(text('not 100%safe', 401))
    const { message } = await failureOf(
      client({ url: url.replace('://', '://me:100%safe@') }).json({ path: '/' }),
    )
    expect(server.seen[0]?.headers.authorization).toBe(`Basic ${btoa('me:100%safe')}`)
    expect(message).toBe(`source at ${url} answered 401: "not ***"`)
  })
})

describe('a page with tags that do not end', () => {
  it('is looked at once, and not again from each of them', async () => {
    const { url } = await scripted(text('<title '.repeat(9_000), 200, { 'content-type': 'text/html' }))
    const startedMs = performance.now()
    expect((await failureOf(client({ url }).json({ path: '/' }))).message).toContain(
      'with "a web page" instead',
    )
    // A quadratic search takes seconds.
    expect(performance.now() - startedMs).toBeLessThan(500)
  })
})

describe('an answer that is too long', () => {
  it('is not read to its end', async () => {
    const { url } = await scripted((response) => {
      response.writeHead(200)
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more)
      }
      more()
    })
    const failure = await failureOf(client({ url }).json({ path: '/' }))
    expect(failure).toBeInstanceOf(UserError)
    expect(failure).toMatchObject({
      message: `source at ${url}: the answer is longer than 16 MiB`,
      hint: expect.stringContaining('a narrower query'),
    })
  })
})

describe('a redirect', () => {
  it('is followed on the same server', async () => {
    const { server, url } = await scripted(text('', 308, { location: '/new/api?x=1' }), json([1]))
    expect(await client({ url, bearer: 'token-token' }).json({ path: '/api' })).toEqual([1])
    expect(server.seen[1]?.url).toBe('/new/api?x=1')
  })

  it('is not followed to another one, where credentials would go along', async () => {
    const other = await scripted(json([1]))
    const { url } = await scripted(text('', 302, { location: `${other.url}/login?token=abc` }))
    const failure = await failureOf(client({ url, bearer: 'token-token' }).json({ path: '/' }))
    expect(failure).toMatchObject({
      message: `source at ${url} answered 302 (a redirect to ${other.url}/login)`,
      hint: expect.stringContaining('write the address itself as url'),
    })
    expect(other.server.seen).toHaveLength(0)
  })

  it('in a circle ends', async () => {
    const { server, url } = await scripted(text('', 307, { location: '/' }))
    expect((await failureOf(client({ url }).json({ path: '/' }))).message).toMatch(
      /answered 307 \(a redirect\)/,
    )
    expect(server.seen).toHaveLength(4)
  })
})

describe('a server that is not there', () => {
  it('is asked again when it refuses connections', async () => {
    const { server, url } = await scripted(json([1]))
    await server.close()
    const failure = await failureOf(client({ url }).json({ path: '/' }))
    expect(failure).toBeInstanceOf(TransientError)
    expect(failure.message).toBe(`source at ${url}: the connection was refused (5 tries)`)
  })

  it('is told when its name does not exist', async () => {
    const failure = await failureOf(client({ url: 'http://prometheus.invalid:9090' }).json({ path: '/' }))
    expect(failure.message).toMatch(/there is no such host|its name could not be looked up/)
  })

  it('is told when it speaks something else', async () => {
    const { url } = await scripted((response) => void response.socket?.end('SSH-2.0-x\r\n'))
    const failure = await failureOf(client({ url }).json({ path: '/' }))
    expect(failure).toBeInstanceOf(UserError)
    expect(failure.message).toMatch(/the answer is not HTTP/)
  })
})
