import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import type { Release } from './releases.ts'

const demo = import.meta.dirname
const root = join(demo, '..')

/** Ports of 127.0.0.1 that the local platform is told to use. */
export interface Ports {
  readonly public: number
  readonly metrics: number
}

/** The shop's repository as each release's commit has it: service, migrations, rollout.yml and workflow. */
export class Repository {
  readonly folder: string
  readonly #ports: Ports

  constructor(folder: string, ports: Ports) {
    this.folder = folder
    this.#ports = ports
  }

  get workflow(): string {
    return join(this.folder, '.github', 'workflows', 'release.yml')
  }

  /** Puts the tree of this release in place of the one before. */
  commit(release: Release): void {
    rmSync(this.folder, { recursive: true, force: true })
    mkdirSync(join(this.folder, '.github'), { recursive: true })
    cpSync(join(demo, 'workflows'), join(this.folder, '.github', 'workflows'), { recursive: true })
    writeFileSync(join(this.folder, '.github', 'rollout.yml'), this.#rolloutYml())
    this.#service(release)
    this.#migrations(release)
  }

  /** The file as it stands in `shop/`, with two free ports. */
  #rolloutYml(): string {
    const document = parseDocument(readFileSync(join(demo, 'shop', 'rollout.yml'), 'utf8'))
    document.setIn(['platform', 'local', 'port'], this.#ports.public)
    document.setIn(['platform', 'local', 'metrics-port'], this.#ports.metrics)
    return document.toString({ lineWidth: 0 })
  }

  /** The sample service of the tests, with the release's traits built in: a bad release is bad by itself. */
  #service({ version, traits }: Release): void {
    const service = join(this.folder, 'service')
    cpSync(join(root, 'test', 'sample-service'), service, {
      recursive: true,
      filter: (path) => !path.endsWith('.test.ts'),
    })
    writeFileSync(join(service, 'traits.json'), `${JSON.stringify({ [version]: traits }, null, 2)}\n`)
  }

  #migrations(release: Release): void {
    const all = join(demo, 'shop', 'db', 'migrations')
    const target = join(this.folder, 'db', 'migrations')
    mkdirSync(target, { recursive: true })
    for (const name of readdirSync(all).toSorted().slice(0, release.migrations))
      cpSync(join(all, name), join(target, name))
  }
}
