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
    .flatMap((value) => [value, value.replace(/^\S+ /, ''), encodeURIComponent(value), inJson(value)])
    .filter((value) => value.length >= SHORTEST_SECRET)
  const longestFirst = [...new Set(forms)].sort((one, other) => other.length - one.length)
  return (text) => longestFirst.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text)
}

/** A password, and whatever stands in the query: keys are given there too. */
function secretsIn(url: string): string[] {
  if (!URL.canParse(url)) return []
  const { password, searchParams } = new URL(url)
  return [...(password === '' ? [] : [password, decodeURIComponent(password)]), ...searchParams.values()]
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1)
}
