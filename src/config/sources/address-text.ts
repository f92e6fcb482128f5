import { namesIn } from '../interpolation.js'

/** What can be shown of what should have been an address: a host, perhaps with a port. Anything else may be a key in the wrong place. */
const HOST =
  /^(?:localhost|[a-z0-9-]{1,30}(?:\.[a-z0-9-]{1,30})+|[a-z0-9-]{1,30}(?=:\d))(?::\d{1,5})?(?=\/|$)/i

/**
 * What is wrong with an address that variables were filled into; undefined if nothing is.
 * @param template as it is written: `${PROMETHEUS_URL}`
 */
export function addressFault(template: string, text: string): string | undefined {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return undefined
  const names = namesIn(template).join(' and ')
  const host = text.length > 80 || text.includes('@') ? undefined : HOST.exec(text)?.[0]
  if (host === undefined) {
    return `what ${names} gives is no address; allowed: one that begins with http:// or https://, such as https://prometheus.example:9090`
  }
  const rest = text.length > host.length ? '…' : ''
  return `${names} gives ${host}${rest}, which does not say how to reach it; allowed: http://${host} or https://${host}`
}
