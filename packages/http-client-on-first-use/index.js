/**
 * Stands where `@actions/core` imports `@actions/http-client`. Core needs it for `getIDToken` alone, but imports it
 * at the top, and with it comes undici: two thirds of what a step costs to start. Here the real client is loaded by
 * the first request. The workspace's name and version make npm resolve core's `^4.0.0` to it; `@actions/github` asks
 * for ^3 and gets its own.
 *
 * Only what can be asynchronous is here. `getAgent`, `getAgentDispatcher` and `requestRawWithCallback` answer at
 * once in the real one, and core does not call them: leaving them out is an error that names itself.
 */
export class HttpClient {
  #arguments
  #client

  /** As in the real one: user agent, request handlers (credentials), request options. */
  constructor(userAgent, handlers, requestOptions) {
    this.#arguments = [userAgent, handlers, requestOptions]
  }

  /** Loads the real client once; a failed load is tried again by the next request. */
  async #real() {
    if (this.#client === undefined) {
      const { HttpClient: RealClient } = await import('actions-http-client')
      this.#client ??= new RealClient(...this.#arguments)
    }
    return this.#client
  }

  async options(...request) {
    return (await this.#real()).options(...request)
  }
  async get(...request) {
    return (await this.#real()).get(...request)
  }
  async del(...request) {
    return (await this.#real()).del(...request)
  }
  async post(...request) {
    return (await this.#real()).post(...request)
  }
  async patch(...request) {
    return (await this.#real()).patch(...request)
  }
  async put(...request) {
    return (await this.#real()).put(...request)
  }
  async head(...request) {
    return (await this.#real()).head(...request)
  }
  async sendStream(...request) {
    return (await this.#real()).sendStream(...request)
  }
  async getJson(...request) {
    return (await this.#real()).getJson(...request)
  }
  async postJson(...request) {
    return (await this.#real()).postJson(...request)
  }
  async putJson(...request) {
    return (await this.#real()).putJson(...request)
  }
  async patchJson(...request) {
    return (await this.#real()).patchJson(...request)
  }
  async request(...request) {
    return (await this.#real()).request(...request)
  }
  async requestRaw(...request) {
    return (await this.#real()).requestRaw(...request)
  }

  /** Closes what was opened; nothing was if no request was made. */
  dispose() {
    this.#client?.dispose()
  }
}
