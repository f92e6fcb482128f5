/** The service behind both proxies: as cheap as Node can be, so that the proxies are what is measured. */
import { createServer } from 'node:http'

const port = Number(process.env['PORT'])
const page = Buffer.from(JSON.stringify({ port, items: 'x'.repeat(400) }))
const head = { 'content-type': 'application/json', 'content-length': page.length }

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(200, head)
    response.end(page)
  })
})
server.listen(port, '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)))
