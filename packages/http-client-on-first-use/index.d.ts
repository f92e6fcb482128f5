import type { HttpClient as Real } from 'actions-http-client'

type Lazy = Omit<Real, 'getAgent' | 'getAgentDispatcher' | 'requestRawWithCallback'>

export declare const HttpClient: {
  new (...settings: ConstructorParameters<typeof Real>): Lazy
  readonly prototype: Lazy
}
