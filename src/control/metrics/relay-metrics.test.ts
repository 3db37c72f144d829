import { expect, it } from 'vitest'
import type { RelayStatus } from '../../live/index.ts'
import { ExpositionWriter } from './exposition.ts'
import { writeRelayMetrics } from './relay-metrics.ts'
import { parseExposition } from './testing/parse-exposition.ts'
import { relayStatus } from './testing/relay-status.ts'

function relay(kind: RelayStatus['kind'], state: RelayStatus['state'], lagMs: number): RelayStatus {
  return relayStatus({ kind, state, lagMs })
}

it('relays are counted by kind and state, and the lag is that of the slowest', () => {
  const writer = new ExpositionWriter()
  writeRelayMetrics(writer, [
    relay('forward', 'running', 100),
    relay('forward', 'running', 2500),
    relay('forward', 'waiting', 0),
    relay('pull', 'running', 0),
  ])
  const metrics = parseExposition(writer.text)
  expect(metrics.get('srs_relays')?.samples.map(({ labels, value }) => [labels, value])).toEqual([
    [{ kind: 'forward', state: 'running' }, 2],
    [{ kind: 'forward', state: 'waiting' }, 1],
    [{ kind: 'pull', state: 'running' }, 1],
  ])
  expect(metrics.get('srs_relay_lag_seconds')?.samples.map(({ value }) => value)).toEqual([2.5, 0])
})
