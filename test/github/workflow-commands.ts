/** `::command key=value::data` lines, as a step prints them. */

export interface WorkflowCommand {
  name: string
  properties: Record<string, string>
  data: string
}

/** The command in a line, or `undefined` if it is ordinary output. The line may be indented, as the runner allows. */
export function parseWorkflowCommand(line: string): WorkflowCommand | undefined {
  const match = /^\s*::([A-Za-z][\w-]*)(?:\s+([^]*?))?::([^]*)$/.exec(line)
  if (match === null) return undefined
  const [, name = '', properties = '', data = ''] = match
  return { name: name.toLowerCase(), properties: parseProperties(properties), data: unescapeData(data) }
}

function parseProperties(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.trim())
  return Object.fromEntries(
    pairs
      .filter((pair) => pair.includes('='))
      .map((pair) => [pair.slice(0, pair.indexOf('=')), unescapeProperty(pair.slice(pair.indexOf('=') + 1))]),
  )
}

function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

function unescapeProperty(text: string): string {
  return unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','))
}
