import { harmless } from '../../smoke/harmless-text.js'
import { boundedJson } from './bounded-json.js'
import type { Answer } from './exchange.js'
import type { Redact } from './redaction.js'

/** Where servers say in JSON what is wrong, best first. */
const TELLING = [
  'error',
  'message',
  'errors',
  'error_description',
  'detail',
  'errorMessage',
  'title',
  'reason',
]

const DEPTH = 4

/** What an answer says in words: quoted, on one line, short, without secrets; '' if it says nothing. */
export function saidBy({ body, headers }: Answer, redact: Redact): string {
  const words = isPage(body, headers['content-type']) ? pageTitle(body) : (wordsOf(parsed(body)) ?? body)
  const text = harmless(redact(words))
  return text === '' ? '' : JSON.stringify(text)
}

/** Whether an answer is a page for people: a login page in front of an API, or the wrong address. */
export function isPage(body: string, contentType = ''): boolean {
  return contentType.includes('text/html') || /^\s*(?:<!doctype html|<html)/i.test(body.slice(0, 200))
}

/** The title of a page for people. */
export function pageTitle(body: string): string {
  const title = titleIn(body.slice(0, 65_536))
  return title === '' ? 'a web page' : `a web page, ${title}`
}

/** Looks at each sign once: an expression would begin again at each of many tags that do not end. */
function titleIn(page: string): string {
  const tag = page.search(/<title[\s>]/i)
  const open = tag < 0 ? -1 : page.indexOf('>', tag)
  if (open < 0) return ''
  const end = page.indexOf('<', open)
  return page.slice(open + 1, end < 0 ? undefined : end).trim()
}

function parsed(body: string): unknown {
  try {
    return boundedJson(body)
  } catch {
    return undefined
  }
}

function wordsOf(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || depth > DEPTH) return undefined
  if (Array.isArray(value)) {
    const words = value.map((one: unknown) => wordsOf(one, depth + 1)).filter((one) => one !== undefined)
    return words.length === 0 ? undefined : words.join('; ')
  }
  const byName = new Map(
    Object.entries(value).map(([name, one]): [string, unknown] => [name.toLowerCase(), one]),
  )
  for (const name of TELLING) {
    const words = wordsOf(byName.get(name.toLowerCase()), depth + 1)
    if (words !== undefined && words !== '') return words
  }
  return undefined
}
