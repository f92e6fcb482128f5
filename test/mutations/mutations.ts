import { EDGES } from './edge-mutations.js'
import { EVIDENCE } from './evidence-mutations.js'
import { METHODS } from './method-mutations.js'
import type { Mutation } from './mutation.js'
import { ORDER } from './order-mutations.js'
import { OWNERSHIP } from './ownership-mutations.js'

/** Every gate with the test that must miss it. */
export const MUTATIONS: readonly Mutation[] = [...ORDER, ...OWNERSHIP, ...EVIDENCE, ...METHODS, ...EDGES]
