import { describe, expect, it } from '@jest/globals'
import { presetOf, type PresetName } from '../../src/metrics/presets/presets.js'
import { CLOUDWATCH_PRESETS } from '../../src/config/sources/cloudwatch-schema.js'
import { PROMETHEUS_PRESETS } from '../../src/config/sources/prometheus-schema.js'
import { promqlOf } from '../../src/metrics/prometheus/metric-settings.js'
import { fillPromql } from '../../src/metrics/prometheus/fill-promql.js'
import { Stage } from '../platforms/local/forwarding/stage.js'

const cluster = 'envoy_cluster_name=~"(?:.*/)?{{service}}-{{slot}}(?:/.*)?"'
const ingress = 'service=~"{{service}}(?:-blue|-green)?",canary=~"{{canary}}"'
const traefik = 'service=~"{{service}}-{{slot}}@.+"'
const local = 'service="{{service}}",environment="{{environment}}",slot="{{slot}}",entry="public"'

/** What each vendor's documentation calls requests, failures and latencies; see the docstring of each preset for the page. */
const DOCUMENTED = {
  istio: {
    requests: 'istio_requests_total{reporter="destination",pod=~"{{pods}}"}',
    bad: 'istio_requests_total{reporter="destination",pod=~"{{pods}}",response_code=~"5.."}',
    buckets: 'istio_request_duration_milliseconds_bucket{reporter="destination",pod=~"{{pods}}"}',
    unit: 'ms',
  },
  linkerd: {
    requests: 'response_total{direction="inbound",pod=~"{{pods}}"}',
    bad: 'response_total{direction="inbound",pod=~"{{pods}}",classification="failure"}',
    buckets: 'response_latency_ms_bucket{direction="inbound",pod=~"{{pods}}"}',
    unit: 'ms',
  },
  'envoy-gateway': {
    requests: `envoy_cluster_upstream_rq_xx{${cluster}}`,
    bad: `envoy_cluster_upstream_rq_xx{${cluster},envoy_response_code_class="5"}`,
    buckets: `envoy_cluster_upstream_rq_time_bucket{${cluster}}`,
    unit: 'ms',
  },
  'ingress-nginx': {
    requests: `nginx_ingress_controller_requests{${ingress}}`,
    bad: `nginx_ingress_controller_requests{${ingress},status=~"5.."}`,
    buckets: `nginx_ingress_controller_request_duration_seconds_bucket{${ingress}}`,
    unit: 's',
  },
  traefik: {
    requests: `traefik_service_requests_total{${traefik}}`,
    bad: `traefik_service_requests_total{${traefik},code=~"5.."}`,
    buckets: `traefik_service_request_duration_seconds_bucket{${traefik}}`,
    unit: 's',
  },
  opentelemetry: {
    requests: 'http_server_request_duration_seconds_count{pod=~"{{pods}}"}',
    bad: 'http_server_request_duration_seconds_count{pod=~"{{pods}}",http_response_status_code=~"5.."}',
    buckets: 'http_server_request_duration_seconds_bucket{pod=~"{{pods}}"}',
    unit: 's',
  },
  tuesday: {
    requests: `tuesday_requests_total{${local}}`,
    bad: `tuesday_errors_total{${local}}`,
    buckets: `tuesday_request_duration_seconds_bucket{${local}}`,
    unit: 's',
  },
} as const

const names = Object.keys(DOCUMENTED) as (keyof typeof DOCUMENTED)[]

describe('presets of Prometheus', () => {
  it('are those that rollout.yml takes', () => {
    expect([...PROMETHEUS_PRESETS].sort()).toEqual([...names].sort())
  })

  it.each(names)('%s asks what its vendor documents', (name) => {
    const { requests, bad, ...latency } = DOCUMENTED[name]
    expect(presetOf(name, 'pod')).toMatchObject({ share: { requests, bad }, latency })
  })

  it.each([...names.map((name) => [name, false] as const), ['traefik', true] as const])(
    '%s is understood by the source, and its placeholders stand in strings (namespace: %s)',
    (name, hasNamespace) => {
      const preset = presetOf(name, 'pod', hasNamespace)
      expect(() => promqlOf({ name: 'errors', kind: 'share', settings: preset.share })).not.toThrow()
      expect(() => promqlOf({ name: 'latency', kind: 'latency', settings: preset.latency })).not.toThrow()
      for (const role of ['stable', 'candidate'] as const) {
        const known = {
          service: 'shop.web',
          environment: 'staging',
          namespace: 'n',
          slot: 'blue',
          'pods~': 'shop-blue-.+',
        }
        const values = { ...known, ...preset.roles?.[role] }
        for (const query of [preset.share['requests'], preset.share['bad'], preset.latency['buckets']]) {
          expect(fillPromql(String(query), values)).toMatch(/^[a-z_]+\{[^{}]+\}$/)
        }
      }
    },
  )

  it('select pods by the label that names them', () => {
    for (const name of ['istio', 'linkerd', 'opentelemetry'] as const) {
      const { share, latency } = presetOf(name, 'kubernetes_pod_name')
      for (const query of [share['requests'], share['bad'], latency['buckets']]) {
        expect(query).toContain('kubernetes_pod_name=~"{{pods}}"')
      }
    }
  })
})

describe('the preset of the local router', () => {
  it('selects the series of this slot of this service in this environment, of several that one Prometheus scrapes', async () => {
    const samples: string[] = []
    for (const service of ['shop', 'search']) {
      for (const environment of ['staging', 'production']) {
        const stage = await Stage.open({ service, environment })
        for (const slot of ['blue', 'green'] as const) {
          await stage.put(slot, `${service} ${environment} ${slot}`)
          stage.split({ [slot]: 100 })
          await fetch(`http://127.0.0.1:${stage.port}/`)
        }
        samples.push(...stage.forwarder.prometheus().split('\n'))
        await stage.close()
      }
    }
    const { share, latency } = presetOf('tuesday', 'pod')
    const values = { service: 'shop', environment: 'production', slot: 'green' }
    for (const query of [share['requests'], share['bad'], latency['buckets']]) {
      const [name = '', ...labels] = fillPromql(String(query), values).split(/[{,}]/).filter(Boolean)
      const selected = samples.filter(
        (line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)),
      )
      const versions = selected.map((line) => /version="([^"]*)"/.exec(line)?.[1])
      expect([...new Set(versions)]).toEqual(['shop production green'])
    }
  })
})

/** Prometheus’s regular expressions match the whole value: https://prometheus.io/docs/prometheus/latest/querying/basics/ */
function matches(preset: PresetName, label: string, value: string, values: Record<string, string>): boolean {
  const { share } = presetOf(preset, 'pod', values['namespace'] !== undefined)
  const filled = fillPromql(String(share['requests']), values)
  const pattern = new RegExp(`${label}=~"((?:\\\\.|[^"\\\\])*)"`).exec(filled)?.[1]
  if (pattern === undefined) throw new Error(`${filled} has no ${label}=~`)
  return new RegExp(`^(?:${String(JSON.parse(`"${pattern}"`))})$`).test(value)
}

describe('names of a slot’s own service', () => {
  const blue = { service: 'shop', slot: 'blue' }
  it.each([
    ['shop-blue@file', true],
    ['shop-blue@docker', true],
    ['shop-blue@consulcatalog', true],
    ['shop-green@file', false],
    ['shop@file', false],
    ['my-shop-blue@file', false],
    ['shop-blue-admin@file', false],
    ['production-shop-blue-80@kubernetes', false],
  ])('of Traefik, where they are named by hand: %s', (value, is) => {
    expect(matches('traefik', 'service', value, blue)).toBe(is)
  })

  it.each([
    ['production-shop-blue-80@kubernetes', true],
    ['production-shop-blue-http@kubernetescrd', true],
    ['production-shop-blue-80@kubernetesgateway', true],
    ['production-shop-green-80@kubernetes', false],
    ['production-my-shop-blue-80@kubernetes', false],
    ['staging-shop-blue-80@kubernetes', false],
    ['my-production-shop-blue-80@kubernetes', false],
    ['production-shop-blue-admin-80@kubernetes', false],
    ['production-shop-blue-80@file', false],
    ['shop-blue@file', false],
  ])('of Traefik in Kubernetes, in a namespace that the source names: %s', (value, is) => {
    expect(matches('traefik', 'service', value, { ...blue, namespace: 'production' })).toBe(is)
  })

  it.each([
    ['httproute/production/shop-blue/rule/0', true],
    ['shop-blue', true],
    ['service/production/shop-blue/8080', true],
    ['httproute/production/shop/rule/0', false],
    ['httproute/production/my-shop-blue/rule/0', false],
    ['httproute/production/shop-blue2/rule/0', false],
  ])('of Envoy Gateway: %s', (value, is) => {
    expect(matches('envoy-gateway', 'envoy_cluster_name', value, blue)).toBe(is)
  })

  it('of ingress-nginx are those of the main Ingress; the label canary tells the slots apart', () => {
    const { roles } = presetOf('ingress-nginx', 'pod')
    const of = (role: 'stable' | 'candidate') => ({ ...blue, ...roles?.[role] })
    expect(matches('ingress-nginx', 'service', 'shop', of('stable'))).toBe(true)
    expect(matches('ingress-nginx', 'service', 'shop-green', of('candidate'))).toBe(true)
    expect(matches('ingress-nginx', 'service', 'shop-api', of('stable'))).toBe(false)
    const canary = 'production-shop-green-80'
    expect(matches('ingress-nginx', 'canary', '', of('stable'))).toBe(true)
    expect(matches('ingress-nginx', 'canary', canary, of('stable'))).toBe(false)
    expect(matches('ingress-nginx', 'canary', '', of('candidate'))).toBe(false)
    expect(matches('ingress-nginx', 'canary', canary, of('candidate'))).toBe(true)
  })
})

describe('the preset of CloudWatch', () => {
  it('is the Application Load Balancer, with a target group for each slot', () => {
    expect(CLOUDWATCH_PRESETS).toEqual(['alb'])
    const dimensions = { LoadBalancer: '{{loadBalancer}}', TargetGroup: '{{targetGroup}}' }
    expect(presetOf('alb', 'pod')).toEqual({
      share: {
        namespace: 'AWS/ApplicationELB',
        dimensions,
        requests: 'RequestCount',
        bad: 'HTTPCode_Target_5XX_Count',
      },
      latency: { namespace: 'AWS/ApplicationELB', dimensions, duration: 'TargetResponseTime', unit: 's' },
    })
  })
})
