import { placeholdersIn } from '../placeholders.js'

/** The forms of a moment in an address: RFC 3339, seconds, and milliseconds since 1970. */
const FORMS = ['', '-s', '-ms'] as const

/** Placeholders that stand for the window. */
export const WINDOW_PLACEHOLDERS = ['from', 'to'].flatMap((name) => FORMS.map((form) => `${name}${form}`))

/**
 * What a path lacks to name a window: `{{from}}`, `{{to}}`, or undefined. One without an end would count what comes later too.
 * @param counts whether what it asks for is counted: a single number may be of any time, but not of one without an end
 */
export function lacksOfWindow(path: string, counts: boolean): '{{from}}' | '{{to}}' | undefined {
  const names = placeholdersIn(path)
  const has = (moment: string): boolean => FORMS.some((form) => names.includes(`${moment}${form}`))
  if (counts && !has('from')) return '{{from}}'
  return (counts || has('from')) && !has('to') ? '{{to}}' : undefined
}
