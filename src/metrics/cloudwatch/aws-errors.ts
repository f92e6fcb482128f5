import type { Explanation } from '../counting/vendor-server.js'
import { field, text } from '../counting/json-shape.js'
import { boundedJson } from '../http/bounded-json.js'
import type { Answer } from '../http/exchange.js'

const UNKNOWN =
  'Run aws-actions/configure-aws-credentials before this step, in the same job: these credentials are unknown, or are given without their session token.'

/** What the errors mean that all of AWS has in common (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html). */
const HINTS: Readonly<Record<string, string>> = {
  AccessDenied: 'Allow the action cloudwatch:GetMetricData to these credentials.',
  ExpiredToken:
    'The credentials have expired: let aws-actions/configure-aws-credentials ask for longer ones (role-duration-seconds).',
  InvalidClientTokenId: UNKNOWN,
  UnrecognizedClient: UNKNOWN,
  IncompleteSignature: UNKNOWN,
  MissingAuthenticationToken: UNKNOWN,
  SignatureDoesNotMatch: 'Look at secret-access-key, at region, and at the clock of this runner.',
  InvalidSignature: 'Look at secret-access-key, at region, and at the clock of this runner.',
  RequestExpired: 'Look at the clock of this runner.',
  OptInRequired: 'This region is not switched on for the account.',
  InvalidParameterValue: 'Look at the namespace, dimensions and statistic of the metric.',
  InvalidParameterCombination: 'Look at the namespace, dimensions and statistic of the metric.',
  ValidationError: 'Look at the namespace, dimensions and statistic of the metric.',
}

/** A refusal by the name of its error, which AWS gives apart from the message. */
export function explainAws(answer: Answer): Explanation {
  const name = errorName(answer)
  if (name === '') return {}
  const message = messageIn(answer)
  const hint = HINTS[name.replace(/Exception$/, '')]
  return { said: message === undefined ? name : `${name}: ${message}`, ...(hint !== undefined && { hint }) }
}

/** Too many requests come as 400. */
export function isThrottled(answer: Answer): boolean {
  return /^(Throttling|ThrottlingException|ThrottledException|RequestLimitExceeded|TooManyRequestsException|LimitExceeded\w*)$/.test(
    errorName(answer),
  )
}

/** `com.amazon.coral.service#AccessDeniedException` → `AccessDeniedException`; `x-amzn-query-error` holds the older name. */
function errorName({ body, headers }: Answer): string {
  const inHeader = headers['x-amzn-query-error']?.split(';')[0]
  const type = inHeader ?? text(field(parsed(body), '__type')) ?? headers['x-amzn-errortype'] ?? ''
  return type.replace(/^.*#/, '').replace(/:.*$/s, '')
}

function messageIn({ body }: Answer): string | undefined {
  const json = parsed(body)
  return text(field(json, 'message')) ?? text(field(json, 'Message'))
}

function parsed(body: string): unknown {
  try {
    return boundedJson(body)
  } catch {
    return undefined
  }
}
