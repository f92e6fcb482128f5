/** `npm run check:workflows`: every workflow file, ours and the examples, is one that GitHub takes. */
import { join } from 'node:path'
import { problemsOfWorkflows } from './workflows/problems.ts'
import { workflowFiles } from './workflows/workflow-files.ts'

const root = join(import.meta.dirname, '..')
const files = workflowFiles(root)
const problems = await problemsOfWorkflows(root, files)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`${files.length} workflow files are fine`)
