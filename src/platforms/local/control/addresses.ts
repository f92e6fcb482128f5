import type { Slot } from '../../../rollout/place.js'
import type { Addresses, Network } from './protocol.js'

const LOOPBACK = '127.0.0.1'

/** Clients on this machine reach a wildcard address by loopback. */
export function addressesOf({ host, port, slotPorts, metricsPort }: Network): Addresses {
  const reachable = host === '0.0.0.0' || host === '::' ? LOOPBACK : host.includes(':') ? `[${host}]` : host
  const slot = (name: Slot): string => `http://${LOOPBACK}:${slotPorts[name] ?? 0}`
  return {
    public: `http://${reachable}:${port}`,
    slots: { blue: slot('blue'), green: slot('green') },
    ...(metricsPort === undefined ? {} : { metrics: `http://${LOOPBACK}:${metricsPort}/metrics` }),
  }
}
