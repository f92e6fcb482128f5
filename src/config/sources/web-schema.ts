import { ownServerSchema } from './own-server-schema.js'

/** `source: { web: … }`: any server that answers with JSON over HTTP. */
export const webSchema = ownServerSchema({
  url: 'Where it is; the `path` of each metric comes behind it. `${NAME}` is filled in.',
  lag: '10s',
  step: '10s',
  phrase: 'a map such as { url: "https://stats.example.com" }',
})
