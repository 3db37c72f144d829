import { ms } from '../../../base/index.ts'
import type { RelayStatus } from '../../../live/index.ts'

/** A relay of `live/demo` of which all is well, but for what is given. */
export function relayStatus(given: Partial<RelayStatus> = {}): RelayStatus {
  return {
    id: 'r1',
    kind: 'forward',
    stream: 'live/demo',
    address: 'rtmp://other/live/demo',
    state: 'running',
    since: ms(0),
    failures: 0,
    failovers: 0,
    lastError: null,
    bytes: 0,
    frames: 0,
    lagMs: 0,
    skips: 0,
    ...given,
  }
}
