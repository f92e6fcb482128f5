/** Reads a file of outputs as GitHub's runner does: `name=value` and `name<<delimiter`; the last of a name counts. */
export function readOutputs(text: string): Record<string, string> {
  const found: Record<string, string> = {}
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const [, name, delimiter] = /^([^=]+?)<<(.+)$/.exec(line) ?? []
    if (name !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter, i + 1)
      if (end === -1) throw new Error(`no end of ${name}`)
      found[name] = lines.slice(i + 1, end).join('\n')
      i = end
    } else if (line !== '') {
      const at = line.indexOf('=')
      if (at < 1) throw new Error(`not an output: ${line}`)
      found[line.slice(0, at)] = line.slice(at + 1)
    }
  }
  return found
}
