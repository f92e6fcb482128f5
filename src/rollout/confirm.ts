import { formatDuration } from './duration.js'
import type { Testimony, Visitor, Witness } from './ports/witness.js'
import type { Session } from './session.js'
import { ShareTest } from './share-test.js'
import { UserError } from './user-error.js'
import type { Weight } from './weight.js'

/** Answers in a row from the other side that confirm a weight of 0. */
export const SILENCE_ANSWERS = 300
/** Answers in a row before anything is stopped. */
export const RETIREMENT_ANSWERS = 1_000
/** Requests a second while silence is confirmed: going back must not wait for the gentler rate of a share. */
const SILENCE_RATE = 500
/** Answers that name no version at all, after which nothing can be confirmed this way. */
const NAMELESS_LIMIT = 100
/** Length of one round of questions, in milliseconds. */
const ROUND_MS = 20
/** Cookies of the candidate that are kept for the way back. */
const VISITORS_LIMIT = 3
/** How often each of them must come back to stable. */
const VISITOR_ANSWERS = 5

/** What real responses say of the traffic. */
export type Observation =
  | { readonly kind: 'measured'; readonly answers: number; readonly share: number; readonly text: string }
  | { readonly kind: 'unknown'; readonly why: string }

/**
 * Asks the public address until half and double of the weight are excluded at 99.9 %. A sample that misses is
 * asked again until the deadline; reading back what was just written proves nothing.
 */
export async function confirmShare(
  session: Session,
  weight: Weight,
  candidate: string,
): Promise<Observation> {
  const { witness, policy, narrator } = session.scene
  if (witness === undefined) return UNASKED
  const visitors = new Set<string>()
  let samples = 1
  let test = new ShareTest(weight / 100)
  let nameless = 0
  let problem: string | undefined
  const wait = narrator.waiting(
    `answers of ${witness.address} to confirm ${weight} %`,
    policy.timing.confirmDeadlineMs,
  )
  for await (const testimony of answers(session, witness, policy.confirmRate)) {
    if (testimony.version === undefined) {
      problem = testimony.problem
      if (testimony.failed !== true) nameless++
      if (nameless >= NAMELESS_LIMIT && test.answers === 0) return nobodyNamed(session, testimony)
      continue
    }
    const fromCandidate = testimony.version === candidate
    if (fromCandidate && testimony.cookie !== undefined) visitors.add(testimony.cookie)
    const finding = test.add(fromCandidate)
    wait.progress(`${test.candidate} of ${test.answers} answers from the candidate`)
    if (finding === 'missed') test = new ShareTest(weight / 100, ++samples)
    if (finding !== 'confirmed') continue
    wait.done()
    await keepVisitors(session, [...visitors].slice(0, VISITORS_LIMIT))
    return measured(test, weight)
  }
  throw unconfirmed(
    session,
    `${weight} % of the requests at ${witness.address} (last sample: ${test.candidate} of ${test.answers} answers from ${candidate})`,
    problem,
  )
}

export interface Silence {
  /** The version that must not answer any more. */
  readonly silent: string
  /** The version that must answer instead; undefined if nothing is left to answer. */
  readonly speaking: string | undefined
  /** Answers in a row that suffice. */
  readonly answers: number
  /**
   * Whether the speaking version must be heard: before it is promoted, and before what could replace it is stopped.
   * Going back never waits for an ill stable side to answer.
   */
  readonly mustBeHeard: boolean
}

/**
 * Asks until the silent version has not answered for so many requests in a row, those of clients included that
 * it answered last (a load balancer may honour their cookie against a weight of 0: trap 50).
 */
export async function confirmSilence(session: Session, silence: Silence): Promise<Observation> {
  const { witness, policy, narrator } = session.scene
  if (witness === undefined) return UNASKED
  let row = 0
  let nameless = 0
  let problem: string | undefined
  const who = silence.speaking ?? 'nobody'
  const wait = narrator.waiting(
    `${silence.answers} answers in a row from ${who} at ${witness.address}`,
    policy.timing.confirmDeadlineMs,
  )
  for await (const testimony of answers(session, witness, SILENCE_RATE)) {
    const good =
      silence.speaking === undefined
        ? testimony.version !== silence.silent
        : testimony.version === silence.speaking
    row = good ? row + 1 : 0
    problem = testimony.problem ?? problem
    const names = testimony.version !== undefined || (testimony.failed === true && silence.mustBeHeard)
    nameless = names ? 0 : nameless + 1
    if (silence.speaking !== undefined && nameless >= NAMELESS_LIMIT) return nobodyNamed(session, testimony)
    wait.progress(`${row} of ${silence.answers}`)
    if (row < silence.answers) continue
    if (await visitorsStayAway(session, witness, silence.silent)) {
      wait.done()
      return { kind: 'measured', answers: row, share: 0, text: `${row} answers in a row from ${who}` }
    }
    row = 0
  }
  throw unconfirmed(
    session,
    `that ${silence.silent} gets no more requests at ${witness.address} (last: ${row} answers in a row without it)`,
    problem,
  )
}

const UNASKED: Observation = { kind: 'unknown', why: 'no `confirm` is configured, so nobody can be asked' }

/** Answers at a rate, in rounds of requests side by side, until the deadline. */
async function* answers(session: Session, witness: Witness, rate: number): AsyncGenerator<Testimony> {
  const { clock, policy } = session.scene
  const start = clock.monotonicMs()
  const newcomer: Visitor = { kind: 'newcomer' }
  let asked = 0
  while (clock.monotonicMs() - start < policy.timing.confirmDeadlineMs) {
    const due = Math.max(1, Math.round((rate * (clock.monotonicMs() - start + ROUND_MS)) / 1000) - asked)
    const round = Math.min(due, Math.ceil((rate * ROUND_MS * 2) / 1000))
    asked += round
    const began = clock.monotonicMs()
    yield* await Promise.all(Array.from({ length: round }, () => witness.ask(newcomer, session.signal)))
    await session.pause(Math.max(0, ROUND_MS - (clock.monotonicMs() - began)))
  }
}

async function visitorsStayAway(session: Session, witness: Witness, silent: string): Promise<boolean> {
  for (const cookie of session.rollout?.visitors ?? []) {
    for (let i = 0; i < VISITOR_ANSWERS; i++) {
      const testimony = await witness.ask({ kind: 'returning', cookie }, session.signal)
      if (testimony.version === silent) return false
    }
  }
  return true
}

async function keepVisitors(session: Session, visitors: readonly string[]): Promise<void> {
  if (visitors.length > 0) await session.updateRollout((rollout) => ({ ...rollout, visitors }))
}

function measured(test: ShareTest, weight: number): Observation {
  const percent = (test.share * 100).toFixed(1)
  const upper = weight * 2 >= 100 ? '100 %' : `${weight * 2} %`
  return {
    kind: 'measured',
    answers: test.answers,
    share: test.share,
    text: `${percent} % of ${test.answers} answers; ${weight / 2} % and ${upper} are excluded at 99.9 %`,
  }
}

function nobodyNamed(session: Session, last: Testimony): Observation {
  const why = `the answers of ${session.scene.witness?.address ?? 'the service'} name no version (${last.problem ?? 'nothing where `confirm` says'})`
  session.scene.narrator.notice(`The share is not confirmed: ${why}.`)
  return { kind: 'unknown', why }
}

function unconfirmed(session: Session, what: string, problem: string | undefined): UserError {
  const last = problem === undefined ? '' : `; the last answer that named no version: ${problem}`
  return new UserError(
    `not confirmed within ${formatDuration(session.scene.policy.timing.confirmDeadlineMs)}: ${what}${last}`,
    {
      hint: 'Nothing further was changed. Look at the router; then run the step again, or roll back.',
    },
  )
}
