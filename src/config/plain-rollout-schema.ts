import { plainAnalysisSchema } from './judging/plain-analysis-schema.js'
import { rolloutSchemaOf, settingsWith } from './rollout-schema.js'

/** rollout.yml as most files are: what it takes, `full-rollout-schema.ts` takes too, and makes the same of it. */
export const plainRolloutSchema = rolloutSchemaOf(settingsWith(plainAnalysisSchema))
