/**
 * `node bench/pass-through-proxy.ts <port of the service>`: the proxy that the local router is compared with, as
 * somebody would write it who knows Node: `http.createServer`, a keep-alive agent, pipes; everything else at
 * Node's defaults. It forwards to one service, decides nothing and counts nothing. Prints its own port.
 */
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

const service = Number(process.argv[2])
const agent = new Agent({ keepAlive: true })

const server = createServer((incoming, outgoing) => {
  const { method, url, headers } = incoming
  const onward = request(
    { host: '127.0.0.1', port: service, method, path: url, headers, agent },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    },
  )
  onward.on('error', () => {
    if (!outgoing.headersSent) outgoing.writeHead(502)
    outgoing.end()
  })
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) onward.destroy()
  })
  incoming.pipe(onward)
})

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
