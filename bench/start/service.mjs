/** The service of the start-up bench: it names its version and is always ready. */
import { createServer } from 'node:http'

const { PORT, TUESDAY_VERSION } = process.env
createServer((_, response) => response.setHeader('x-version', TUESDAY_VERSION).end('{}')).listen(
  PORT,
  '127.0.0.1',
)
