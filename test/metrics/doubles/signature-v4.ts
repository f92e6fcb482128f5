import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Asked } from './vendor-double.js'

/** Who may ask. */
export interface Principal {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** A refusal as AWS names it. */
export interface Refusal {
  readonly status: number
  readonly name: string
  readonly message: string
}

const FIVE_MINUTES_MS = 300_000

/**
 * Checks a request by Signature Version 4, written from
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html: canonical request, text to
 * sign, derived key. `host`, `content-type` and all `x-amz-*` headers that are sent must be signed.
 */
export function refusalOf(asked: Asked, who: Principal, region: string, nowMs: number): Refusal | undefined {
  const given =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/monitoring\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      asked.headers.authorization ?? '',
    )
  if (given === null)
    return refusal(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token')
  const [, keyId = '', day = '', scopeRegion = '', signedHeaders = '', signature = ''] = given
  if (
    keyId !== who.accessKeyId ||
    String(asked.headers['x-amz-security-token'] ?? '') !== (who.sessionToken ?? '')
  ) {
    return refusal(
      400,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    )
  }
  const names = signedHeaders.split(';')
  const needed = Object.keys(asked.headers).filter((name) => /^(host|content-type|x-amz-.*)$/.test(name))
  const unsigned = needed.filter((name) => !names.includes(name))
  if (unsigned.length > 0) return mismatch(`unsigned: ${unsigned.join(', ')}`)
  const date = String(asked.headers['x-amz-date'] ?? '')
  if (scopeRegion !== region) return mismatch(`Credential should be scoped to a valid region.`)
  if (!date.startsWith(day))
    return mismatch('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date')
  if (Math.abs(timeOf(date) - nowMs) > FIVE_MINUTES_MS)
    return mismatch(`Signature expired: ${date} is too far off`)
  return isSigned(asked, names, date, `${day}/${scopeRegion}/monitoring/aws4_request`, who, signature)
    ? undefined
    : mismatch('The request signature we calculated does not match the signature you provided.')
}

function isSigned(
  { method, path, headers, body }: Asked,
  names: readonly string[],
  date: string,
  scope: string,
  who: Principal,
  signature: string,
): boolean {
  const canonicalHeaders = names.map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`).join('')
  const canonical = [method, path, '', canonicalHeaders, names.join(';'), sha256(body)].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')
  let key: Buffer = Buffer.from(`AWS4${who.secretAccessKey}`)
  for (const part of scope.split('/')) key = hmac(key, part)
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'))
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function timeOf(amzDate: string): number {
  return Date.parse(amzDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

function mismatch(message: string): Refusal {
  return refusal(403, 'SignatureDoesNotMatch', message)
}

function refusal(status: number, name: string, message: string): Refusal {
  return { status, name, message }
}
