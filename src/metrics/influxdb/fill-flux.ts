import type { Selector } from '../../rollout/ports/platform.js'
import { asPattern, fillQuery, refuseFilling, type Filling } from '../counting/fill-query.js'
import { placeAfter, type Lexicon } from '../counting/place-in-query.js'

/** https://docs.influxdata.com/flux/v0/spec/lexical-elements/ */
const FLUX: Lexicon = { quotes: '"', comments: [['//', '\n']], regexes: true }

/** Flux with its placeholders filled in: inside of texts and regular expressions as part of them, else as a text. */
export function fillFlux(flux: string, values: Selector): string {
  return fillQuery(flux, values, (filling) => {
    const place = placeAfter(filling.before, FLUX)
    if (place.kind === 'comment') return ''
    if (place.kind === 'regex') return inRegex(filling)
    if (filling.pattern) refusePattern(filling)
    if (place.kind === 'quoted' && filling.before.endsWith('$') && filling.value.startsWith('{'))
      refuseFilling(filling, 'would begin an expression behind the $ before it')
    return place.kind === 'quoted' ? inFluxText(filling.value) : fluxText(filling.value)
  })
}

/** A text as Flux writes it. */
export function fluxText(value: string): string {
  return `"${inFluxText(value)}"`
}

/** A regular expression (RE2) between slashes: of these a pattern may have some that are not marked yet. */
export function inRegex(filling: Filling): string {
  return asPattern(filling).replace(/\\.|\//g, (found) => (found === '/' ? '\\/' : found))
}

export function refusePattern(filling: Filling): never {
  return refuseFilling(
    filling,
    'is a pattern and does not stand in a regular expression',
    `Write =~ /{{${filling.name}}}/.`,
  )
}

/** `${` would begin an expression. */
function inFluxText(value: string): string {
  return value.replace(/[\\"]/g, '\\$&').replaceAll('${', '\\${')
}
