import { ownServerSchema } from './own-server-schema.js'

/** `source: { graphite: … }`: Graphite, and whatever speaks its render API. */
export const graphiteSchema = ownServerSchema({
  url: 'Where its API is, without `/render`. `${NAME}` is filled in.',
  lag: '20s',
  step: '60s',
  phrase: 'a map such as { url: "${GRAPHITE_URL}" }',
})
