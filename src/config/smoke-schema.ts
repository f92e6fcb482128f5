import * as v from 'valibot'
import {
  headerName,
  jsonPath,
  key,
  oneOf,
  positiveDuration,
  requestPath,
  requiredKey,
  text,
  wholeNumber,
} from './value-formats.js'

const scalar = v.union(
  [v.string(), v.number(), v.boolean(), v.null()],
  'text, a number, true, false or null, which the value must equal',
)
const status = wholeNumber(100, 599, 'a status')
const contained = text('text that the body must contain')

/** One check of the candidate: one request, and what its answer must be. */
export const smokeCheckSchema = v.strictObject(
  {
    name: key(
      text('a name for people'),
      'What it is called in logs and summaries. Default: method and path.',
    ),
    path: requiredKey(requestPath, 'Path and query, beginning with `/`.'),
    method: key(oneOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']), 'HTTP method.', 'GET'),
    headers: key(
      v.record(
        headerName,
        v.string('text; ${NAME} is filled in'),
        'a map such as { accept: application/json }',
      ),
      'Request headers. `${NAME}` is filled in from the environment.',
    ),
    body: key(
      v.union(
        [v.string(), v.record(v.string(), v.unknown()), v.array(v.unknown())],
        'text, or a map or list that is sent as JSON',
      ),
      'Request body: text, or a map or list that is sent as JSON with its content type.',
    ),
    status: key(
      v.union(
        [status, v.pipe(v.array(status), v.minLength(1))],
        'a status such as 200, or a list: [200, 204]',
      ),
      'Status that is expected, or several of which one is.',
      200,
    ),
    contains: key(
      v.union([contained, v.array(contained)], 'text that the body must contain, or a list of texts'),
      'Text that the body must contain, or several.',
    ),
    json: key(
      v.record(jsonPath, scalar, 'a map from JSON paths to values: { $.status: ok }'),
      'JSON paths (RFC 9535) into the body, and the value that each must have.',
    ),
    within: key(positiveDuration, 'The whole answer must be there in this time.', '2s'),
    retries: key(wholeNumber(0, 100), 'How often it is asked again before it counts as failed.', 0),
  },
  'a check such as { path: /health, status: 200 }',
)

const FILES_PHRASE = 'a path or glob relative to the workspace, such as smoke/*.yml'

/** A list of checks; a text in it names files that hold such lists. */
export const smokeSchema = v.array(
  v.union(
    [text(FILES_PHRASE), smokeCheckSchema],
    `a check such as { path: /health, status: 200 }, or ${FILES_PHRASE}`,
  ),
  'a list of checks, and of globs such as smoke/*.yml',
)

/** What a file holds that `smoke:` names. */
export const smokeFileSchema = v.array(smokeCheckSchema, 'a list of checks: - { path: /health, status: 200 }')

export type SmokeCheckSettings = v.InferOutput<typeof smokeCheckSchema>
