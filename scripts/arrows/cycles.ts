/** Circles in a graph of imports, each once, beginning with its first file by name. Depth first. */
export const findCycles = (edges: ReadonlyMap<string, readonly string[]>): string[][] => {
  const cycles = new Map<string, string[]>()
  const finished = new Set<string>()
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) {
      const circle = path.slice(start)
      const first = circle.indexOf(circle.toSorted()[0] ?? file)
      const turned = [...circle.slice(first), ...circle.slice(0, first)]
      cycles.set(turned.join(), [...turned, turned[0] ?? file])
      return
    }
    if (finished.has(file)) return
    for (const next of edges.get(file) ?? []) walk(next, [...path, file])
    finished.add(file)
  }
  for (const file of edges.keys()) walk(file, [])
  return [...cycles.values()]
}
