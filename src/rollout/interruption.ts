import type { AnalysisReport } from './outcome.js'
import { UserError } from './user-error.js'

/** The job was cancelled while a step worked. */
export class Cancelled extends Error {
  constructor() {
    super('the job was cancelled')
    this.name = 'Cancelled'
  }
}

/** Another process took the lease: this one writes nothing more. */
export class Displaced extends UserError {
  constructor(by: string) {
    super(`another step took over: ${by}`, {
      hint: 'This step stopped where it was and changed nothing more. Look at that run; it says where traffic stands.',
    })
    this.name = 'Displaced'
  }
}

/** A check said no: the release must not go on. */
export class CheckFailed extends UserError {
  /** What a judgement was made of, where the check was one. */
  readonly report: AnalysisReport | undefined

  constructor(reason: string, options: { hint?: string; report?: AnalysisReport } = {}) {
    super(reason, options.hint === undefined ? {} : { hint: options.hint })
    this.name = 'CheckFailed'
    this.report = options.report
  }
}
