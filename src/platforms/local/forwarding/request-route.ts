import type { IncomingMessage } from 'node:http'

import type { Place } from '../../../rollout/place.js'
import { bucketCookie, bucketInCookie, bucketOfText, drawBucket } from './bucket.js'
import type { ForwarderSettings } from './forwarder.js'
import { requestHead, type HeaderNames, type RequestHead } from './header-passing.js'
import type { ReplicaLink } from './replica-link.js'
import type { RouteTable } from './route-table.js'
import type { Entry, SlotCounters } from './slot-counters.js'

/** What all requests of a forwarder share. */
export interface Routing {
  readonly settings: ForwarderSettings
  readonly names: HeaderNames
  readonly table: RouteTable
  readonly counters: SlotCounters
}

/** Where one request wants to go, asked again whenever it has to be sent. */
export class RequestRoute {
  readonly head: RequestHead
  readonly entry: Entry
  /** The Set-Cookie value for a client that was given its bucket just now. */
  readonly newCookie: string | undefined
  private readonly routing: Routing
  private readonly own: Place | undefined
  private readonly bucket: number
  private readonly refused: ReplicaLink[] = []
  /** The place that it belongs to; known after `choose`. */
  wish: Place | undefined

  /**
   * `own` is the place whose own port it came by.
   * @throws Unforwardable for what cannot be forwarded truthfully.
   */
  constructor(routing: Routing, request: IncomingMessage, own: Place | undefined) {
    this.routing = routing
    this.own = own
    this.head = requestHead(request, routing.names)
    const { bucketKey, cookie, tester } = this.head
    this.entry = own !== undefined ? 'slot' : tester === undefined ? 'public' : 'tester'
    const { cookieName } = routing.settings
    let bucket = bucketKey === undefined ? undefined : bucketOfText(bucketKey)
    if (bucket === undefined && cookie !== undefined) bucket = bucketInCookie(cookie, cookieName)
    this.bucket = bucket ?? drawBucket()
    const isNew = bucket === undefined && this.entry === 'public'
    this.newCookie = isNew ? bucketCookie(cookieName, this.bucket) : undefined
  }

  /** A replica that has not refused; undefined where none is left. The split of this very moment decides. */
  choose(): ReplicaLink | undefined {
    const { table, counters } = this.routing
    const place = this.own ?? this.testersPlace()
    this.wish = place ?? table.placeOf(this.bucket)
    if (this.wish === undefined) return undefined
    const link =
      place === undefined ? table.choose(this.wish, this.refused) : table.leastBusy(place, this.refused)
    if (link !== undefined && link.place !== this.wish) counters.countFailover(this.wish)
    return link
  }

  /** Says that no connection to this replica could be had. */
  refusedBy(link: ReplicaLink): void {
    this.refused.push(link)
  }

  private testersPlace(): Place | undefined {
    const named = this.head.tester
    if (named !== 'blue' && named !== 'green' && named !== 'live') return undefined
    // A tester whose replica refused stays with that place and is told so.
    return this.routing.table.ready(named) > 0 || this.wish === named ? named : undefined
  }

  /** Status and sentence for a request that no replica took. */
  refusal(): { readonly status: 502 | 503; readonly why: string } {
    if (this.wish === undefined) return { status: 503, why: 'no release serves now: the split is empty' }
    if (this.refused.length === 0) return { status: 503, why: `no replica is ready in ${this.wish}` }
    const ids = this.refused.map((link) => link.id).join(', ')
    return { status: 502, why: `no connection to any replica (${this.wish} was meant; refused by ${ids})` }
  }

  /** Counts an answer; without a link for the place that it was meant for. */
  count(status: number, failed: boolean, latencyMs: number, link?: ReplicaLink): void {
    const { counters } = this.routing
    const place = link?.place ?? this.wish
    if (place === undefined) counters.unrouted++
    else counters.series(place, link?.version, this.entry).record(status, failed, latencyMs, Date.now())
  }

  countRetry(link: ReplicaLink): void {
    this.routing.counters.countRetry(link.place)
  }
}
