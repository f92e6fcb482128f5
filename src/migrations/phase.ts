/** `expand` adds, and the release that is live does not notice. `contract` removes what only older releases need. */
export type Phase = 'expand' | 'contract'

export const phases: readonly Phase[] = ['expand', 'contract']
