/** GitHub cuts messages of annotations here (trap 36). */
export const MESSAGE_LIMIT = 4_096

/** Terminal sequences: colours, cursor moves, window titles, hyperlinks. */
const ESCAPE_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g

/** Control characters but newline, and what hides or reorders text. */
const INVISIBLE = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/**
 * Text for the log, whatever is in it: version labels, log lines, answers of servers. Lines stay lines, but none
 * can be a command to the runner, which takes `::` at the start of a line and `##[` anywhere for one.
 */
export function forLog(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(forLogLine)
    .join('\n')
}

function forLogLine(line: string): string {
  const visible = line.replace(ESCAPE_SEQUENCE, '').replaceAll('\t', '  ').replace(INVISIBLE, '')
  return visible.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '## [')
}

/** Text on one line: newlines become spaces. */
export function onOneLine(text: string): string {
  return forLog(text)
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
}

/** Cuts at a number of characters (UTF-16, as GitHub counts), never inside a character, and says how many are missing. */
export function cutTo(text: string, limit: number): string {
  if (text.length <= limit) return text
  const ending = ` … (${text.length} characters in all)`
  const kept = text.slice(0, Math.max(0, limit - ending.length))
  return kept.replace(/[\ud800-\udbff]$/, '') + ending
}

/** Of a text that is longer than this no summary shows more; the rest is not even looked at. */
const PAGE = 65_536

/** What Markdown, HTML or a table takes for its own. */
const SIGNS = /[&<>`*[\]#|\\~$]/g

/** Signs that only work in some places: emphasis outside of words, mentions, links that make themselves, lists. */
const IN_PLACES = [
  /(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g,
  /(?<![\w@])@(?=\w)/g,
  /(?<=\b(?:https?|ftp)):(?=\/\/)/gi,
  /(?<=\bwww)\./gi,
  /^[-+=:]/g,
  /(?<=^\d{1,9})[.)](?=\s|$)/g,
] as const

/**
 * Text for a job summary: shown letter by letter, on one line, at most `limit` characters. Neither Markdown nor
 * HTML in it works, no link is made of an address and no person is mentioned. No more is escaped than that takes:
 * GitHub masks secrets in the summary's source, and one that is broken up by entities would not be found.
 */
export function forMarkdown(text: string, limit = 300): string {
  return escaped(cutTo(onOneLine(text.slice(0, PAGE)), limit))
}

/** Code of our own sentences: words, names and short YAML, nothing that ends a code span or a table cell. */
const CODE = /`([\w][\w .:=,;{}'"/$…-]*)`/

/**
 * A sentence of our own for a job summary, such as a hint: as `forMarkdown`, but what stands between backticks is
 * shown as code. In code no entity works, so it is taken as it is: none of its characters needs one.
 */
export function ourMarkdown(text: string, limit = 300): string {
  const parts = cutTo(onOneLine(text.slice(0, PAGE)), limit).split(CODE)
  return parts.map((part, index) => (index % 2 === 1 ? `\`${part}\`` : escaped(part))).join('')
}

function escaped(text: string): string {
  const entity = (sign: string): string => `&#${sign.charCodeAt(0)};`
  return IN_PLACES.reduce((safe, signs) => safe.replace(signs, entity), text.replace(SIGNS, entity))
}
