import type { Place } from '../../rollout/place.js'
import type {
  AttemptId,
  Finding,
  Health,
  Intent,
  Observed,
  Placement,
  Platform,
  Progress,
} from '../../rollout/ports/platform.js'
import type { Release, ReleaseHandle } from '../../rollout/release.js'
import { UserError } from '../../rollout/user-error.js'
import { valuesOf, type ControlClient } from './control/control-client.js'
import { NumberedFiles } from './numbered-files.js'
import { findings } from './preflight.js'
import { contentBrought, contentIn } from './release-content.js'
import { ReleaseCopies, type ReleaseCopy } from './release-copies.js'
import type { LocalService } from './local-service.js'
import type { LOCAL_PLACEHOLDERS } from './settings.js'
import { StateDirectory } from './state-directory.js'

/** How a release takes the place of another: in slots beside it, or in its place, one replica after the other or all at once. */
export type Taking = 'slots' | 'rolling' | 'recreate'

const DISPLACING = { slots: 'at-once', rolling: 'ready-first', recreate: 'stop-first' } as const

/** Runs releases as processes on this machine, kept by a supervisor that outlives the step. */
export class LocalPlatform implements Platform {
  readonly name = 'local'
  readonly layout: Platform['layout']
  readonly #taking: Taking
  readonly #service: LocalService
  readonly #client: ControlClient
  readonly #copies: ReleaseCopies

  constructor(service: LocalService, taking: Taking = 'slots') {
    this.#taking = taking
    this.layout = taking === 'slots' ? 'slots' : 'in-place'
    this.#service = service
    this.#client = service.client
    this.#copies = new ReleaseCopies(new StateDirectory(service.settings.directory).releases)
  }

  /** The address under which clients ask the service; fixed for its life. Starts the supervisor if need be. */
  async publicAddress(): Promise<URL> {
    const addresses = await this.#client.addresses()
    return new URL(addresses.public)
  }

  observe(): Promise<Observed> {
    return this.#client.read('observe', {}, {})
  }

  watch(place: Place, signal: AbortSignal): AsyncIterable<Health> {
    return this.#client.stream('watch', { place }, signal)
  }

  async place(place: Place, release: Release, handle?: ReleaseHandle): Promise<Placement> {
    this.#refuseForeign(place)
    const already = await this.#client.request('place', { place, release })
    if (already !== null) return { attempt: already.attempt, handle: already.releaseKey }
    const { key: releaseKey, launch } = await this.#copyOf(release, handle)
    const values = valuesOf(launch.envFrom, this.#service.environment)
    refuseWithout(values, launch.envFrom)
    const fresh = { releaseKey, launch, values, displacing: DISPLACING[this.#taking] }
    const placed = await this.#client.request('place', { place, release, fresh })
    await this.#prune()
    // Another step may have been faster: then its copy is what runs.
    return { attempt: placed?.attempt ?? '', handle: placed?.releaseKey ?? releaseKey }
  }

  /** Compares the artifact with what was copied; both are known only where the settings name one. */
  async isOtherBuild(_release: Release, handle: ReleaseHandle): Promise<boolean> {
    const recorded = contentIn(handle)
    if (recorded === undefined) return false
    const { settings, workspace } = this.#service
    const brought = await contentBrought(settings, workspace)
    return brought !== undefined && brought !== recorded
  }

  progress(place: Place, attempt: AttemptId): Promise<Progress> {
    return this.#client.request('progress', { place, attempt })
  }

  lastWords(place: Place): Promise<readonly string[]> {
    return this.#client.read('lastWords', { place }, [])
  }

  async scale(place: Place, replicas: number): Promise<void> {
    await this.#client.request('scale', { place, replicas })
  }

  async retire(place: Place): Promise<void> {
    await this.#client.read('retire', { place }, null)
  }

  /** Nothing here follows a release beside its requests. */
  follow(): Promise<void> {
    return Promise.resolve()
  }

  async reach(place: Place): Promise<URL | undefined> {
    if (place === 'live') return undefined
    const { slots } = await this.#client.addresses()
    return new URL(slots[place])
  }

  preflight(intent: Intent): Promise<readonly Finding[]> {
    return findings(this.#service, intent)
  }

  selectors(place: Place): Readonly<Record<(typeof LOCAL_PLACEHOLDERS)[number], string>> {
    return { slot: place, environment: this.#service.settings.environment }
  }

  /** Our own bug, or a strategy that was wired to the wrong layout. */
  #refuseForeign(place: Place): void {
    if ((place === 'live') === (this.layout === 'in-place')) return
    throw new Error(`platform local was opened for ${this.#taking}, which has no place ${place}`)
  }

  async #copyOf(release: Release, handle: ReleaseHandle | undefined): Promise<ReleaseCopy> {
    if (handle !== undefined) {
      const copy = this.#copies.find(handle)
      if (copy === undefined) throw copyIsGone(release)
      return copy
    }
    const { settings, workspace, environment } = this.#service
    return this.#copies.keep(settings, release, workspace, environment)
  }

  async #prune(): Promise<void> {
    const ledger = new NumberedFiles(this.#service.settings.directory, 'ledger').latest()?.text ?? ''
    this.#copies.prune(await this.#client.request('releasesInUse', {}), ledger)
  }
}

/** Preflight says so too; a return to a recorded release may need others than today's settings name. */
function refuseWithout(values: Readonly<Record<string, string>>, needed: readonly string[]): void {
  const missing = needed.filter((name) => values[name] === undefined)
  if (missing.length === 0) return
  throw new UserError(`platform.local.env-from: this step has no variable ${missing.join(', ')}`, {
    hint: `Give it to the step: env: { ${missing[0]}: \${{ secrets.${missing[0]} }} }`,
  })
}

function copyIsGone(release: Release): UserError {
  return new UserError(`The copy of release ${release.version} is not in the state directory any more`, {
    hint: 'Deploy that commit again: its workflow run builds it anew.',
  })
}
