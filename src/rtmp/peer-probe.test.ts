import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MAX_IGNORED_PINGS, PeerProbe, type ProbedPeer } from './index.ts'

const OPTIONS = { pingIntervalMs: 1000, pingTimeoutMs: 5000 }
const PING_BYTES = 18

/** A connection whose other end is in the test's hands. */
class Peer implements ProbedPeer {
  bytesReceived = 0
  pongsReceived = 0
  bytesQueued = 0
  blocked = false
  pings = 0
  /** Answers each ping at once. */
  answers = false
  end: string | null = null

  ping(): void {
    this.pings++
    this.bytesQueued += PING_BYTES
    if (this.answers) {
      this.pongsReceived++
      this.bytesReceived += PING_BYTES
    }
  }

  destroy(error: Error): void {
    this.end = error.message
  }
}

let peer: Peer
let probe: PeerProbe

beforeEach(() => {
  vi.useFakeTimers()
  peer = new Peer()
  probe = new PeerProbe(peer, OPTIONS)
  probe.start()
})

afterEach(() => {
  probe.stop()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** So many intervals pass; in each, the peer is sent media. */
function pass(intervals: number, mediaBytes = 0): void {
  for (let index = 0; index < intervals; index++) {
    peer.bytesQueued += mediaBytes
    vi.advanceTimersByTime(OPTIONS.pingIntervalMs)
  }
}

describe('a client', () => {
  it('that answers pings is pinged for ever, and never closed', () => {
    peer.answers = true
    pass(100)
    expect(peer).toMatchObject({ end: null, pings: 100 })
  })

  it('that ignores pings from the start is pinged a few times, and never closed', () => {
    pass(100)
    expect(peer).toMatchObject({ end: null, pings: MAX_IGNORED_PINGS })
  })

  it('that takes media is neither pinged nor closed, though it answers nothing', () => {
    peer.answers = true
    pass(3)
    peer.answers = false
    pass(100, 5000)
    expect(peer).toMatchObject({ end: null, pings: 3 })
  })

  it('that used to answer, and does not any more, is closed after pingTimeoutMs', () => {
    peer.answers = true
    pass(3)
    peer.answers = false
    pass(5)
    expect(peer.end).toBeNull()
    pass(2)
    expect(peer.end).toBe(
      'the client answered no ping for 5000 ms, though it had answered before (pingTimeoutMs)',
    )
  })

  it('that sends anything at all is not closed, whether it answers or not', () => {
    peer.answers = true
    pass(1)
    peer.answers = false
    for (let index = 0; index < 50; index++) {
      pass(3)
      peer.bytesReceived += 4
    }
    expect(peer.end).toBeNull()
  })

  it('that sends nothing and takes nothing is closed after pingTimeoutMs, without more pings', () => {
    peer.blocked = true
    pass(4)
    expect(peer.end).toBeNull()
    pass(1)
    expect(peer.end).toBe('the client sent nothing and took nothing for 5000 ms (pingTimeoutMs)')
    expect(peer.pings).toBe(0)
  })

  it('that sends while it takes nothing is left to the limits of players', () => {
    peer.blocked = true
    for (let index = 0; index < 50; index++) {
      pass(1)
      peer.bytesReceived += 4
    }
    expect(peer.end).toBeNull()
  })

  it('that neither publishes nor plays is not probed', () => {
    probe.stop()
    peer.blocked = true
    pass(100)
    expect(peer).toMatchObject({ end: null, pings: 0 })
  })

  it('is not probed with pingIntervalMs 0', () => {
    const never = new PeerProbe(peer, { ...OPTIONS, pingIntervalMs: 0 })
    probe.stop()
    never.start()
    expect(vi.getTimerCount()).toBe(0)
  })
})
