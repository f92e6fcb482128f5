/**
 * GitHub's own parser and expression language, loaded after the JSON hook stands. Imports of ES modules are
 * hoisted, so the hook can only come first if these are imported dynamically, in one place.
 */
import './json-imports.ts'

const { convertWorkflowTemplate } = await import('@actions/workflow-parser/model/convert')
const { ensureStatusFunction } = await import('@actions/workflow-parser/model/converter/if-condition')
const { WORKFLOW_ROOT } = await import('@actions/workflow-parser/workflows/workflow-constants')
const { getWorkflowSchema } = await import('@actions/workflow-parser/workflows/workflow-schema')
const { ACTION_ROOT } = await import('@actions/workflow-parser/actions/action-constants')
const { getActionSchema } = await import('@actions/workflow-parser/actions/action-schema')
const { YamlObjectReader } = await import('@actions/workflow-parser/workflows/yaml-object-reader')
const { readTemplate } = await import('@actions/workflow-parser/templates/template-reader')
const { TemplateContext, TemplateValidationErrors } =
  await import('@actions/workflow-parser/templates/template-context')
const { NoOperationTraceWriter } = await import('@actions/workflow-parser/templates/trace-writer')
const tokens = await import('@actions/workflow-parser/templates/tokens/index')

export {
  ACTION_ROOT,
  convertWorkflowTemplate,
  ensureStatusFunction,
  getActionSchema,
  getWorkflowSchema,
  NoOperationTraceWriter,
  readTemplate,
  TemplateContext,
  TemplateValidationErrors,
  tokens,
  WORKFLOW_ROOT,
  YamlObjectReader,
}
