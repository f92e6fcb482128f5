import type { Selector } from '../../rollout/ports/platform.js'

/** What a metric asks its source, as it would stand in rollout.yml. */
export type PresetQueries = Readonly<
  Record<string, string | readonly string[] | Readonly<Record<string, string>>>
>

/** Who counts the requests: what `errors` and `latency-pNN` ask for, where the file says no more than their names. */
export interface Preset {
  /** The share of bad answers. */
  readonly share: PresetQueries
  /** How long answers take; the same for every percentile. */
  readonly latency: PresetQueries
  /** More placeholders, by the part that a slot has in the rollout. A key that ends in `~` holds a pattern. */
  readonly roles?: { readonly stable: Selector; readonly candidate: Selector }
}
