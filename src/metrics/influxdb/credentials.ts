import type { InfluxSettings } from './settings.js'

/** How we say who asks: a token in a header, or user and password. */
export function credentials(settings: InfluxSettings): {
  headers: Record<string, string>
  basic?: { username: string; password: string }
} {
  const { headers = {}, token } = settings
  if (token !== undefined) return { headers: { ...headers, Authorization: `Token ${token}` } }
  if (settings.language !== 'influxql' || settings.username === undefined) return { headers }
  return { headers, basic: { username: settings.username, password: settings.password ?? '' } }
}
