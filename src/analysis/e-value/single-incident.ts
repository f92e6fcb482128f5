/**
 * By how much one incident of stable may raise what is measured of its noise: the worst minute of its blocks, or one pod. Noise
 * throughout is in every minute and every pod: by simulation the worst minute of ten holds a fifth of it, two fifths where errors are
 * few and come in bursts, and the most extreme of ten pods a third. What is left is then more than 1/1.5 of the whole, and the whole
 * counts; an incident that adds more than that is capped (docs/analysis.md has the figures).
 */
const MOST_BY_ONE = 1.5

/** What is measured with everything in it, as far as it does not rest on a single incident. */
export function capped(whole: number, withoutTheWorst: number | undefined): number {
  return withoutTheWorst === undefined ? whole : Math.min(whole, MOST_BY_ONE * withoutTheWorst)
}
