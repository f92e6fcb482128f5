/** How a release behaves, by the names of the sample service's traits. */
export type Faults = Record<string, string | number | boolean>

/** What a Prometheus scrapes: a port of 127.0.0.1 that answers /metrics, and the labels that its series are given. */
export interface ScrapeTarget {
  readonly port: number
  readonly labels: Readonly<Record<string, string>>
}

/** What a scenario asks of the platform that it runs on; local is one, others follow by naming themselves here. */
export interface PlatformUnderTest {
  readonly name: string
  /** `platform:`, `router:` and `confirm:` of rollout.yml, for this scenario's service. */
  readonly rolloutYaml: string
  /** Variables of the runner's machine that the platform needs in every job. */
  readonly env: Readonly<Record<string, string>>
  /** Where clients ask the service. */
  readonly publicUrl: string
  /** Whether its router claims websockets. */
  readonly websockets: boolean
  /** Where the service's releases write down the orders they took. */
  readonly journal: string
  /** Makes a release misbehave from now on. */
  fault(version: string, faults: Faults): void
  /** The platform's own figures, and those of each replica with `slot` and `pod`; none unless they were asked for. */
  readonly scraped: readonly ScrapeTarget[]
  /** Asks one replica of a release to end (SIGTERM); resolves when its successor runs, with the number of the process that has ended. */
  restartOne(version: string): Promise<number>
  /** Kills every replica of this release in the middle of everything. */
  crash(version: string): Promise<void>
  /** Whether a file is a log that the releases themselves write: what stands there is their own affair. */
  isOwnLog(path: string): boolean
  /** Whether any process of this release runs. */
  runs(version: string): Promise<boolean>
  /** Leaves the machine as it was. */
  tearDown(): Promise<void>
}

export interface PlatformOptions {
  /** A folder of the service's own; made if it is missing. */
  readonly folder: string
  /** Names of variables that a release gets from the environment of the step that deploys it: secrets. */
  readonly variables: readonly string[]
  /** Whether a Prometheus is to scrape it. */
  readonly scraped: boolean
}

export type StartPlatform = (options: PlatformOptions) => Promise<PlatformUnderTest>
