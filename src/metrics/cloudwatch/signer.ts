import type { ServerClock } from '../counting/server-clock.js'
import type { CloudWatchSettings } from './settings.js'

/** The headers of a request to an action of CloudWatch, its signature among them. */
export type Sign = (action: string, body: string) => Promise<Readonly<Record<string, string>>>

/**
 * Signs requests (Signature Version 4) by `aws4fetch`: the whole SDK would be a third of what we ship. It is loaded by the
 * first request. Headers that are sent besides are no part of the signature, and need not be. The time is that of AWS once an
 * answer has told it: a signature of another time is refused.
 */
export function signer(settings: CloudWatchSettings, url: string, clock: ServerClock): Sign {
  const { accessKeyId, secretAccessKey, sessionToken, region } = settings
  return async (action, body) => {
    const { AwsV4Signer } = await import('aws4fetch')
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `GraniteServiceVersion20100801.${action}`,
    }
    const request = new AwsV4Signer({
      method: 'POST',
      url: `${url.replace(/\/+$/, '')}/`,
      headers,
      body,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      service: 'monitoring',
      region,
      datetime: clock
        .now()
        .toISOString()
        .replace(/[:-]|\.\d{3}/g, ''),
      allHeaders: true,
    })
    const signed = await request.sign()
    return Object.fromEntries([...signed.headers].filter(([name]) => name !== 'host'))
  }
}
