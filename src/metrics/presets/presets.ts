import { alb } from './alb.js'
import { envoyGateway } from './envoy-gateway.js'
import { ingressNginx } from './ingress-nginx.js'
import { istio } from './istio.js'
import { linkerd } from './linkerd.js'
import { opentelemetry } from './opentelemetry.js'
import type { Preset } from './preset.js'
import { traefik } from './traefik.js'
import { tuesday } from './tuesday.js'

/** Every preset by its name in rollout.yml. */
const PRESETS = {
  istio,
  linkerd,
  'envoy-gateway': envoyGateway,
  'ingress-nginx': ingressNginx,
  traefik,
  opentelemetry,
  tuesday,
  alb,
} satisfies Readonly<Record<string, (podLabel: string, hasNamespace: boolean) => Preset>>

export type PresetName = keyof typeof PRESETS

/**
 * @param podLabel label that names a pod, of sources that have such labels
 * @param hasNamespace whether the source says what `{{namespace}}` is
 */
export function presetOf(name: PresetName, podLabel: string, hasNamespace = false): Preset {
  return PRESETS[name](podLabel, hasNamespace)
}
