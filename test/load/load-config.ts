/** Requests per second of each kind of client. Half of each are POSTs with a unique id. */
export type Rates = {
  /** On connections that are kept and used again; another one is opened when all are busy. */
  keepAlive: number
  /** A new connection for each request. */
  newConnection: number
  /** By clients with a cookie jar, all of them together: every other one keeps its connection. */
  cookies: number
}

/** What one run of the load generator does. */
export type LoadConfig = {
  /** The name that a correct answer carries in `service`. */
  service: string
  /** Where the requests go: `http://127.0.0.1:8080`. */
  target: string
  rates: Rates
  /** How many clients have a cookie jar. */
  cookieClients: number
  /** Clients with one request in flight at any time, each of them for so many milliseconds. */
  slow: { clients: number; ms: number }
  /** Websocket clients on /ws, each with a message a second; 0 where the router does not claim them. */
  websockets: number
  /** A second service without a rollout. What it loses, the machine lost. */
  control: { url: string; service: string; rates: Rates } | null
  /** A request that is not answered so long after it was due is lost, in milliseconds. */
  limitMs: number
  /** The file that every request is written down in. */
  record: string
}

/** 500 requests a second, and 100 to the control service. */
export const defaultRates: Rates = { keepAlive: 225, newConnection: 200, cookies: 75 }
export const controlRates: Rates = { keepAlive: 50, newConnection: 50, cookies: 0 }

/** Everything but where to send and where to write. The slow requests outlast the default settle time of 5 s. */
export const defaultLoad = {
  service: 'sample',
  rates: defaultRates,
  cookieClients: 24,
  slow: { clients: 5, ms: 6_000 },
  websockets: 0,
  control: null,
  limitMs: 5_000,
} satisfies Omit<LoadConfig, 'target' | 'record'>
