/**
 * `npm run test:mutations`: takes each gate of test/mutations out of a copy of the checkout, one line at a time, and
 * expects the test that guards it to turn red. A gate whose test stays green, whose line is not there any more, or
 * whose test is red without it is a failure. Two at a time; nothing of the checkout itself is touched.
 *
 * node --import ./scripts/source-imports.mjs scripts/mutations.ts [part of a guard's name]
 */
import { join } from 'node:path'
import { messageOf } from '../src/rollout/user-error.ts'
import type { Mutation } from '../test/mutations/mutation.ts'
import { MUTATIONS } from '../test/mutations/mutations.ts'
import { CheckoutCopy } from './mutations/checkout-copy.ts'
import { runTests } from './mutations/run-test.ts'

const SIDE_BY_SIDE = 2

const wanted = process.argv[2] ?? ''
const mutations = MUTATIONS.filter(({ guards }) => guards.includes(wanted))
const copies = Array.from({ length: SIDE_BY_SIDE }, () => new CheckoutCopy(join(import.meta.dirname, '..')))
const failures: string[] = []
let passed = 0

async function inEachCopy<Work>(
  all: readonly Work[],
  work: (copy: CheckoutCopy, one: Work) => Promise<void>,
): Promise<void> {
  const waiting = all.values()
  await Promise.all(
    copies.map(async (copy) => {
      for (const one of waiting) await work(copy, one)
    }),
  )
}

/** A test that is red anyway proves nothing. */
async function greenBefore(copy: CheckoutCopy, test: string): Promise<void> {
  const names = mutations.filter((mutation) => mutation.test === test).map(({ named }) => named)
  const ending = await runTests(
    copy.root,
    test,
    names.includes(undefined) ? [] : names.map((name) => name ?? ''),
  )
  if (ending !== 'green') tell(false, test, `${ending} without any mutation`)
}

async function redWithout(copy: CheckoutCopy, mutation: Mutation): Promise<void> {
  const { guards, test, named } = mutation
  const where = `${test}${named === undefined ? '' : ` (${named})`}`
  try {
    const mend = copy.break(mutation)
    const ending = await runTests(copy.root, test, named === undefined ? [] : [named])
    mend()
    tell(ending === 'red', guards, ending === 'red' ? where : `${where} is ${ending} without it`)
  } catch (thrown) {
    tell(false, guards, messageOf(thrown))
  }
}

function tell(good: boolean, what: string, detail: string): void {
  const line = `${good ? 'red   ' : 'FAILED'} ${what}: ${detail}`
  console.log(line)
  if (good) passed++
  else failures.push(line)
}

const began = performance.now()
try {
  await inEachCopy([...new Set(mutations.map(({ test }) => test))], greenBefore)
  await inEachCopy(mutations, redWithout)
} finally {
  for (const copy of copies) copy.remove()
}
if (failures.length > 0) console.log(`\n${failures.join('\n')}`)
console.log(`\n${mutations.length} mutations in ${Math.round((performance.now() - began) / 1000)} s`)
console.log(`${passed} passed, ${failures.length} failed, 0 skipped`)
if (failures.length > 0) process.exitCode = 1
