import { setTimeout as sleep } from 'node:timers/promises'
import type { RunResult, WorkflowRun } from '../test/github/run-workflow.ts'
import { verdict } from '../test/load/verdict.ts'
import type { Evidence, Verdict } from '../test/load/verdict.ts'
import { Ear, type GoingBack } from './going-back.ts'
import type { Keepsakes } from './keepsakes.ts'
import { releases, type Release } from './releases.ts'
import type { Show } from './show.ts'
import { readSlots } from './slots.ts'
import type { Stage } from './stage.ts'

/** The load begins so long before the first step under load, and ends so long after the losing side is gone. */
const BEFORE_MS = 5_000
const AFTER_MS = 10_000
const LOOK_MS = 250
/** A bad release drains and stops within its `drain` and `grace`. */
const GONE_LIMIT_MS = 40_000

/** What clients saw, and how the bad release went back; undefined if it did not. */
export interface Findings {
  readonly evidence: Evidence
  readonly verdict: Verdict
  readonly goingBack: GoingBack | undefined
}

/** Something did not go as the demo must show it: a missed bar. */
export class WentWrong extends Error {}

export interface Playing {
  readonly stage: Stage
  readonly show: Show
  readonly keepsakes: Keepsakes
  /** Ends it early. */
  readonly signal: AbortSignal
}

/** Pushes three releases, one after the other, the last two under load. */
export async function play(playing: Playing): Promise<Findings> {
  const { show, signal } = playing
  const watching = new AbortController()
  const watched = watchSlots(playing, AbortSignal.any([signal, watching.signal]))
  try {
    await goLive(playing)
    await beginLoad(playing)
    await promoteGood(playing)
    const goingBack = await pushBad(playing)
    await untilGone(playing, releases.bad)
    await waitFor(AFTER_MS, 'the load goes on for 10 s', playing)
    show.doing = 'waiting for the last answers'
    const evidence = await playing.stage.stopLoad()
    return { evidence, verdict: verdict(evidence, [{ version: releases.bad.version }]), goingBack }
  } finally {
    watching.abort()
    await watched
  }
}

async function goLive(playing: Playing): Promise<void> {
  const act = playing.show.act(releases.first)
  const result = await run(playing, releases.first)
  const good = result.conclusion === 'success'
  act.ending = { good, sentence: good ? `live after ${result.seconds.toFixed(0)} s` : 'did not become live' }
  if (!good) throw new WentWrong(`${releases.first.version} did not become live; its log is in logs/`)
}

async function beginLoad(playing: Playing): Promise<void> {
  const { stage, show } = playing
  const load = await stage.startLoad()
  load.onSecond((second) => (show.second = second))
  await waitFor(BEFORE_MS, 'clients of all kinds ask the shop', playing)
}

async function promoteGood(playing: Playing): Promise<void> {
  const act = playing.show.act(releases.good)
  const result = await run(playing, releases.good)
  const good = result.conclusion === 'success'
  const sentence = good ? `promoted after ${result.seconds.toFixed(0)} s` : 'was not promoted'
  act.ending = { good, sentence }
  if (!good) throw new WentWrong(`${releases.good.version} was not promoted; its log is in logs/`)
}

async function pushBad(playing: Playing): Promise<GoingBack | undefined> {
  const act = playing.show.act(releases.bad)
  const ear = new Ear()
  const result = await run(playing, releases.bad, ear)
  const goingBack = ear.goingBack(result)
  act.ending =
    goingBack === undefined
      ? { good: false, sentence: result.conclusion === 'success' ? 'was not caught' : 'failed otherwise' }
      : { good: true, sentence: 'caught, and taken back by itself' }
  return goingBack
}

/** Runs the workflow for one release to its end, and keeps what it leaves. */
async function run(playing: Playing, release: Release, ear?: Ear): Promise<RunResult> {
  const { stage, show, keepsakes, signal } = playing
  signal.throwIfAborted()
  show.doing = `workflow run of ${release.version}`
  show.verdict = ''
  const number = show.acts.findIndex((act) => act.release === release) + 1
  const started = stage.push(release, number, (event) => {
    ear?.hear(event)
    show.hear(release, event)
  })
  const result = await orCancelled(started, signal)
  keepsakes.keepRun(release, result)
  return result
}

/** Cancels the run as GitHub does when somebody presses Ctrl-C, and waits for its end all the same. */
async function orCancelled(run: WorkflowRun, signal: AbortSignal): Promise<RunResult> {
  signal.addEventListener('abort', run.cancel, { once: true })
  try {
    const result = await run.finished
    signal.throwIfAborted()
    return result
  } finally {
    signal.removeEventListener('abort', run.cancel)
  }
}

async function untilGone({ stage, show, signal }: Playing, { version }: Release): Promise<void> {
  show.doing = `waiting until no process of ${version} is left`
  const deadline = performance.now() + GONE_LIMIT_MS
  for (;;) {
    const slots = await readSlots(stage.ports.metrics, signal)
    if (slots !== undefined && slots.every((slot) => slot.version !== version)) return
    if (performance.now() > deadline)
      throw new WentWrong(`${version} still runs ${GONE_LIMIT_MS / 1_000} s after it was taken back`)
    await sleep(LOOK_MS, undefined, { signal })
  }
}

async function waitFor(ms: number, doing: string, { show, signal }: Playing): Promise<void> {
  show.doing = doing
  await sleep(ms, undefined, { signal })
}

async function watchSlots({ stage, show }: Playing, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    show.slots = (await readSlots(stage.ports.metrics, signal)) ?? show.slots
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}
