import { decoded } from './decoded.js'
import type { ServerSettings } from './server-settings.js'

/** Shorter values are words and numbers: to take them out would make messages unreadable and protect nothing. */
const SHORTEST_SECRET = 6

/** Takes what must not be shown out of a text. */
export type Redact = (text: string) => string

/** Everything in the settings that proves who we are, in each form in which a server may send it back. */
export function redactionOf(settings: ServerSettings): Redact {
  const { basic, bearer, headers = {}, secrets = [], url } = settings
  const pair =
    basic === undefined ? [] : [Buffer.from(`${basic.username}:${basic.password}`).toString('base64')]
  const given = [basic?.password, bearer, ...pair, ...Object.values(headers), ...secrets, ...secretsIn(url)]
  const forms = given
    .filter((value) => value !== undefined)
    .flatMap((value) => [value, value.trim(), value.trim().replace(/^\S+\s+/, '')])
    .flatMap((value) => [value, encoded(value), ...inJson(value), ...inHtml(value)])
    .filter((value) => value.length >= SHORTEST_SECRET)
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length)
  return (text) => longestFirst.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text)
}

/** Who asks, a token or a name with a password, as it is sent too, and whatever stands in the query: keys are given there too. */
function secretsIn(url: string): string[] {
  if (!URL.canParse(url)) return []
  const { username, password, searchParams } = new URL(url)
  const [name, word] = [decoded(username), decoded(password)]
  // A name without a password is a token.
  const proof = password === '' ? [username, name] : [password, word]
  const sent = username === '' ? [] : [Buffer.from(`${name}:${word}`).toString('base64')]
  return [...proof, ...sent, ...searchParams.values()]
}

function encoded(value: string): string {
  return encodeURIComponent(value.toWellFormed())
}

/** Some escape signs of HTML too (https://pkg.go.dev/encoding/json#HTMLEscape), others slashes. */
function inJson(value: string): string[] {
  const text = JSON.stringify(value).slice(1, -1)
  const codeOf = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
  const escaped = [text, text.replace(/[&<>]/g, codeOf), text.replace(/[&<>']/g, codeOf)]
  return [
    ...escaped,
    ...escaped.map((one) => one.replace(/\\u[\da-f]{4}/g, upperCased)),
    text.replaceAll('/', '\\/'),
  ]
}

function upperCased(code: string): string {
  return `\\u${code.slice(2).toUpperCase()}`
}

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** With names and with decimal or hexadecimal numbers for quotes, as libraries differ in. */
function inHtml(value: string): string[] {
  const angles = value.replace(/[&<>]/g, (sign) => NAMED[sign] ?? sign)
  const numbered = (write: (code: number) => string): string =>
    angles.replace(/["']/g, (sign) => write(sign.charCodeAt(0)))
  const hexadecimal = numbered((code) => `&#x${code.toString(16)};`)
  return [
    angles,
    angles.replaceAll('"', '&quot;'),
    angles.replace(/["']/g, (sign) => NAMED[sign] ?? sign),
    angles.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    angles.replaceAll('"', '&quot;').replaceAll("'", '&#x27;'),
    numbered((code) => `&#${code};`),
    hexadecimal,
  ]
}
