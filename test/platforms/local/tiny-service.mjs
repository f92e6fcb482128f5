// A service as small as can be, with the faults that tests need, each by a variable of its own.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'

const env = process.env
const version = env.TUESDAY_VERSION
console.log(`release ${version} starts in ${env.TUESDAY_SLOT}`)
for (let line = 1; line <= Number(env.CHATTER ?? 0); line++) console.log(`line ${line}`)
if (env.EXIT_AT_ONCE) {
  console.error('cannot find my settings')
  process.exit(Number(env.EXIT_AT_ONCE))
}

let alive = true
let ready = env.NEVER_READY_VERSION !== version
const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://service')
  const answer = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  const me = { version, slot: env.TUESDAY_SLOT, pid: process.pid }
  switch (url.pathname) {
    case '/ready':
      return answer(ready ? 200 : 503, me)
    case '/alive':
      return answer(alive ? 200 : 500, me)
    case '/become-unready':
      ready = false
      return answer(200, me)
    case '/become-ready':
      ready = true
      return answer(200, me)
    case '/become-sick':
      alive = false
      return answer(200, me)
    case '/die':
      answer(200, me)
      return setImmediate(() => process.exit(3))
    case '/slow':
      return setTimeout(() => answer(200, me), Number(url.searchParams.get('ms')))
    case '/answer':
      return setTimeout(
        () => answer(Number(url.searchParams.get('status')), me),
        Number(url.searchParams.get('ms')),
      )
    case '/environment':
      return answer(200, { ...me, env: process.env, cwd: process.cwd(), args: process.argv.slice(2) })
    default:
      return answer(200, me)
  }
})
const sockets = new WebSocketServer({ server })
sockets.on('connection', (socket) => socket.send(JSON.stringify({ version, slot: env.TUESDAY_SLOT })))
server.listen(Number(env.PORT), '127.0.0.1')

process.on('SIGTERM', () => {
  console.log('was asked to end')
  if (env.IGNORES_SIGTERM) return
  server.close(() => process.exit(0))
})
