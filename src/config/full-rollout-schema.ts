import { analysisSchema } from './judging/analysis-schema.js'
import { rolloutSchemaOf, settingsWith } from './rollout-schema.js'

export const settings = settingsWith(analysisSchema)

/** The one description from which loading, errors, the JSON Schema and the documentation are made. */
export const rolloutSchema = rolloutSchemaOf(settings)
