import * as v from 'valibot'
import { key, oneOf, requiredKey } from '../config/value-formats.js'
import { inputEntries } from './input-schema.js'
import { judgementSchema } from './judgement-schema.js'
import { closedMap, metricName } from './phrases.js'

export const FILE_PHRASE = 'a map with parameters and blocks'
const NO_DATA_PHRASE = 'why there was no data, in words'
const noData = key(
  v.pipe(v.string(NO_DATA_PHRASE), v.minLength(1, NO_DATA_PHRASE)),
  'Why the last look had no data, as a report says it: then nothing passes.',
)

/** What is judged. */
export const inputSchema = v.pipe(
  closedMap({ ...inputEntries, noData }, FILE_PHRASE),
  v.title('Blocks for the judge'),
  v.description('What `npm run -s judge -- FILE.json` judges.'),
)

/** A report as `analyze` leaves it: what was judged, and what came of it. */
export const reportSchema = v.pipe(
  closedMap(
    { ...inputEntries, judgement: requiredKey(judgementSchema, 'What the judge said then.'), noData },
    FILE_PHRASE,
  ),
  v.title('Report of an analysis'),
  v.description(
    'What `analyze` leaves at its output `report`, and `npm run -s judge -- FILE.json` judges again.',
  ),
)

const VERDICTS = oneOf(['pass', 'fail', 'inconclusive'])

/** Of a recorded judgement only what is compared is read: whatever else it says does not keep it from being judged again. */
const recordedSchema = v.looseObject(
  {
    verdict: VERDICTS,
    metrics: v.array(
      v.looseObject({ name: metricName, verdict: VERDICTS }, 'a map with name and verdict'),
      'a list of metrics',
    ),
  },
  'a map with verdict and metrics',
)

/** Either of them. */
export const fileSchema = closedMap(
  {
    ...inputEntries,
    judgement: key(recordedSchema, 'What the judge said then: it is judged again and compared.'),
    noData,
  },
  FILE_PHRASE,
)

export type JudgedFile = v.InferOutput<typeof fileSchema>
