import { describe, expect, it } from 'vitest'
import {
  derivePlayback,
  MAX_RETRY_DELAY_LIVE_MS,
  MAX_RETRY_DELAY_MS,
  PATIENCE_MEDIA_FAILURES,
  PATIENCE_NETWORK_FAILURES,
  retryDelay,
  type Situation,
} from './playback-state.ts'

const starting: Situation = {
  selected: true,
  reachable: true,
  live: true,
  advancing: false,
  paused: false,
  hasPlayed: false,
  failure: null,
  failures: 0,
}
const network = { kind: 'network', detail: 'cut' } as const
const media = { kind: 'media', detail: 'broken' } as const
const unsupported = { kind: 'unsupported', detail: 'no codec' } as const

describe('derivePlayback', () => {
  it.each<[string, Partial<Situation>, string, string]>([
    [
      'nothing chosen, no answer yet',
      { selected: false, reachable: undefined },
      'connecting',
      'no-selection',
    ],
    ['nothing chosen, server there', { selected: false }, 'waiting', 'no-selection'],
    ['nothing chosen, server away', { selected: false, reachable: false }, 'error', 'unreachable'],
    ['just chosen', {}, 'connecting', 'starting'],
    ['chosen before the list came', { reachable: undefined, live: undefined }, 'connecting', 'starting'],
    ['playing', { advancing: true }, 'playing', 'on-air'],
    [
      'still playing from the buffer',
      { advancing: true, failure: network, live: false },
      'playing',
      'on-air',
    ],
    ['stalled', { hasPlayed: true }, 'connecting', 'buffering'],
    ['paused', { paused: true, hasPlayed: true }, 'playing', 'on-air'],
    ['paused when the publisher left', { paused: true, live: false }, 'waiting', 'off-air'],
    ['publisher away', { live: false, failure: network, failures: 99 }, 'waiting', 'off-air'],
    ['server away', { reachable: false, live: undefined, failure: network }, 'error', 'unreachable'],
    ['first failures', { failure: network, failures: 1 }, 'connecting', 'starting'],
    ['many failures', { failure: network, failures: PATIENCE_NETWORK_FAILURES }, 'error', 'failing'],
    ['some decoding failures', { failure: media, failures: PATIENCE_MEDIA_FAILURES }, 'error', 'failing'],
    ['refused', { failure: { ...network, status: 403 }, failures: 1 }, 'error', 'refused'],
    ['unsupported', { failure: unsupported, failures: 1 }, 'error', 'unsupported'],
    ['unsupported, publisher away', { failure: unsupported, live: false }, 'error', 'unsupported'],
  ])('%s', (_name, change, state, reason) => {
    expect(derivePlayback({ ...starting, ...change })).toEqual({ state, reason })
  })
})

describe('retryDelay', () => {
  it('grows to a limit that is lower while the stream is on air', () => {
    const delays = [1, 2, 3, 4, 5, 50].map((failures) => retryDelay(failures, false))
    expect(delays).toEqual([...delays].sort((a, b) => a - b))
    expect(delays.at(-1)).toBe(MAX_RETRY_DELAY_MS)
    expect(retryDelay(50, true)).toBe(MAX_RETRY_DELAY_LIVE_MS)
    expect(retryDelay(1, true)).toBeGreaterThan(0)
  })
})
