import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** A certificate and its key, as PEM text. */
export interface Certified {
  readonly cert: string
  readonly key: string
}

/** Signs certificates for as long as a test runs. The shape is that of RFC 5280, 4.1, in DER. */
export class Authority {
  readonly cert: string
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #name: string

  constructor(name: string) {
    this.#name = name
    this.cert = certificate(name, this.#keys.publicKey, name, this.#keys.privateKey, {
      authority: true,
      days: 1,
    })
  }

  /** For `localhost` and 127.0.0.1. @param days how long it is valid; below 0 it has expired */
  issue(name: string, { days = 1 }: { days?: number } = {}): Certified {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return {
      cert: certificate(name, keys.publicKey, this.#name, this.#keys.privateKey, { authority: false, days }),
      key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
  }
}

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const DAY_MS = 86_400_000

function certificate(
  subject: string,
  publicKey: KeyObject,
  issuer: string,
  signer: KeyObject,
  { authority, days }: { authority: boolean; days: number },
): string {
  const now = Date.now()
  const extension = authority
    ? sequence(
        oid(0x55, 0x1d, 0x13),
        der(0x01, Buffer.of(0xff)),
        der(0x04, sequence(der(0x01, Buffer.of(0xff)))),
      )
    : sequence(
        oid(0x55, 0x1d, 0x11),
        der(0x04, sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1)))),
      )
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    sequence(utcTime(now - 30 * DAY_MS), utcTime(now + days * DAY_MS)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  )
  const whole = sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, signer)))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), body])
}

function sequence(...content: readonly Buffer[]): Buffer {
  return der(0x30, ...content)
}

function oid(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.of(...bytes))
}

function bits(content: Buffer): Buffer {
  return der(0x03, Buffer.of(0), content)
}

/** Only a common name. */
function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))))
}

function utcTime(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)
  return der(0x17, Buffer.from(`${text}Z`))
}
