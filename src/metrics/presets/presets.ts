import { alb } from './alb.js'
import { envoyGateway } from './envoy-gateway.js'
import { ingressNginx } from './ingress-nginx.js'
import { istio } from './istio.js'
import { linkerd } from './linkerd.js'
import { opentelemetry } from './opentelemetry.js'
import type { Preset } from './preset.js'
import { traefik } from './traefik.js'
import { tuesday } from './tuesday.js'

/** Every preset by its name in rollout.yml. They are given the label by which Prometheus tells pods apart. */
const PRESETS = {
  istio,
  linkerd,
  'envoy-gateway': envoyGateway,
  'ingress-nginx': ingressNginx,
  traefik,
  opentelemetry,
  tuesday,
  alb,
} satisfies Readonly<Record<string, (pod: string) => Preset>>

export type PresetName = keyof typeof PRESETS

/** @param podLabel label that names a pod, of sources that have such labels */
export function presetOf(name: PresetName, podLabel: string): Preset {
  return PRESETS[name](podLabel)
}
