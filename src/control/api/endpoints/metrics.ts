import type { SlicedText } from '../../../base/index.ts'
import { type Endpoint, failure, text } from '../endpoint.ts'
import { SRS_CODES } from '../srs-codes.ts'

/**
 * `/metrics`, which Prometheus pulls.
 * @param scrape gives all metrics as of now; null if they are switched off
 */
export function metricsEndpoint(scrape: () => Promise<SlicedText> | null): Endpoint {
  return {
    method: 'any',
    path: '/metrics',
    operation: 'scrapeMetrics',
    says: 'Metrics in the text format of Prometheus.',
    answer: {
      kind: 'text',
      contentType: 'text/plain; charset=utf-8',
      says: 'Metrics, each with HELP and TYPE.',
    },
    failures: { [SRS_CODES.exporterDisabled]: 'metrics are switched off (exporter)' },
    handle: async () => {
      const body = scrape()
      return body === null
        ? failure(SRS_CODES.exporterDisabled, 'metrics are switched off: exporter { enabled on; } has them')
        : text(200, await body)
    },
  }
}
