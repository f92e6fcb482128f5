import { openPrometheus } from '../../../src/metrics/prometheus/prometheus.js'
import { describeMetricSource } from '../../contracts/metric-source-contract.js'
import { ScrapedService } from './scraped-service.js'

const INTERVAL_MS = 1_000

for (const leftOpen of [true, false]) {
  describeMetricSource(`Prometheus ${leftOpen ? 'since' : 'before'} 3.0`, async () => {
    const service = new ScrapedService(INTERVAL_MS)
    service.prometheus.leftOpen = leftOpen
    const url = await service.prometheus.listen()
    service.start('blue')
    service.start('green')
    const began = service.clock.wallTime()
    const source = openPrometheus(
      // The contract speaks of sides, so pods are not told apart.
      { url, scrapeIntervalMs: INTERVAL_MS, podLabel: 'none' },
      {
        clock: service.clock,
        signal: new AbortController().signal,
        service: 'shop',
        rolloutStarted: () => began,
        warn: (line) => {
          throw new Error(line)
        },
      },
    )
    return {
      source,
      stable: { slot: 'blue' },
      candidate: { slot: 'green' },
      resolutionMs: INTERVAL_MS,
      errors: {
        name: 'errors',
        kind: 'share',
        settings: {
          requests: 'http_requests_total{slot="{{slot}}"}',
          bad: 'http_requests_total{slot="{{slot}}",code=~"5.."}',
        },
      },
      latency: {
        name: 'latency-p95',
        kind: 'latency',
        settings: { buckets: 'http_request_duration_seconds_bucket{slot="{{slot}}"}' },
      },
      pass: (ms) => service.pass(ms),
      traffic: (side, requests) => {
        service.answer(side === 'stable' ? 'blue' : 'green', requests)
        return Promise.resolve()
      },
      dispose: () => service.prometheus.close(),
    }
  })
}
