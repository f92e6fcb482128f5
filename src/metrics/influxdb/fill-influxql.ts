import type { Selector } from '../../rollout/ports/platform.js'
import { fillQuery, refuseFilling, type Filling } from '../counting/fill-query.js'
import { placeAfter, type Lexicon } from '../counting/place-in-query.js'
import { inRegex, refusePattern } from './fill-flux.js'

/** Double quotes are around names (https://docs.influxdata.com/influxdb/v1/query_language/spec/). */
const INFLUXQL: Lexicon = {
  quotes: `'"`,
  comments: [
    ['--', '\n'],
    ['/*', '*/'],
  ],
  regexes: true,
}

/**
 * InfluxQL with its placeholders filled in: inside of texts, names and regular expressions as part of them, else as a text.
 * @param mark changes what is put in, so that it is told from the query itself later
 */
export function fillInfluxql(
  influxql: string,
  values: Selector,
  mark: (value: string) => string = (value) => value,
): string {
  return fillQuery(influxql, values, (filling) => mark(written(filling)))
}

function written(filling: Filling): string {
  const place = placeAfter(filling.before, INFLUXQL)
  if (place.kind === 'comment') return ''
  if (place.kind === 'regex') return inRegex(filling)
  if (filling.pattern) refusePattern(filling)
  if (place.kind !== 'quoted') return `'${escaped(filling.value, "'")}'`
  // A measurement that is named after a slot is common here, so names may be filled in too.
  return place.quote === '"' && filling.value === ''
    ? refuseFilling(filling, 'is empty, and a name cannot be')
    : escaped(filling.value, place.quote)
}

function escaped(value: string, quote: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)
}
