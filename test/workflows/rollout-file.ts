/** What a scenario changes in the common rollout.yml. */
export interface ConfigChange {
  readonly timing?: Readonly<Record<string, string>>
  /** What stands below `analysis:`, instead of the short interval alone. */
  readonly analysis?: string
  /** Further text at the end of the file. */
  readonly more?: string
}

/** One service of a scenario: its name, and `platform:`, `router:` and `confirm:` as its platform wants them. */
export interface ServiceText {
  readonly name: string
  readonly yaml: string
}

/** The settings every scenario shares: short times, by documented keys only. The slow requests do not outlast the drain. */
const COMMON = `
plan:
  - { weight: 5, hold: 4s }
  - { weight: 25, hold: 9s }
  - { weight: 50, hold: 3s }
  - { weight: 100, hold: 2s }
smoke:
  - { name: front page, path: /, contains: sample }
  - { name: version, path: /, json: { '$.service': sample }, retries: 1 }
`
const ANALYSIS = '{ interval: 1s }'
const TIMING = { drain: '8s' }

/** The text of rollout.yml: one service at the top level, several below `services:`. */
export function rolloutFile(
  services: readonly ServiceText[],
  { timing, analysis = ANALYSIS, more = '' }: ConfigChange,
): string {
  return `${servicesText(services)}${COMMON}analysis: ${analysis}\ntiming: ${JSON.stringify({ ...TIMING, ...timing })}\n${more}`
}

function servicesText(services: readonly ServiceText[]): string {
  const [only] = services
  if (only !== undefined && services.length === 1) return `service: ${only.name}\n${only.yaml}`
  const entries = services.map(({ name, yaml }) => `  ${name}:\n${yaml.replaceAll(/^(?=.)/gm, '    ')}`)
  return `services:\n${entries.join('\n')}`
}
