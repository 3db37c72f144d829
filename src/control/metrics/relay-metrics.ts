import type { RelayStatus } from '../../live/index.ts'
import { type ExpositionWriter, formatLabels } from './exposition.ts'

/** Relays to and from other servers: how many do what, and how far the slowest is behind. */
export function writeRelayMetrics(writer: ExpositionWriter, relays: readonly RelayStatus[]): void {
  const counts = new Map<string, number>()
  const lags = new Map<string, number>()
  for (const { kind, state, lagMs } of relays) {
    const labels = formatLabels({ kind, state })
    counts.set(labels, (counts.get(labels) ?? 0) + 1)
    const ofKind = formatLabels({ kind })
    lags.set(ofKind, Math.max(lags.get(ofKind) ?? 0, lagMs))
  }
  const add = writer.begin(
    'srs_relays',
    'gauge',
    'Relays to and from other servers, by kind and by what they do.',
  )
  for (const [labels, count] of counts) {
    add(count, labels)
  }
  const addLag = writer.begin(
    'srs_relay_lag_seconds',
    'gauge',
    'How far the slowest other server is behind, of media.',
  )
  for (const [labels, lagMs] of lags) {
    addLag(lagMs / 1000, labels)
  }
}
