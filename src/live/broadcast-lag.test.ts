import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { BroadcastRig } from './testing/broadcast-rig.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import { frame } from './testing/frames.ts'

/** Pushes video of 25 frames a second over [from, to), a keyframe every second. */
function pushVideo(rig: BroadcastRig, from: number, to: number, body?: Uint8Array): void {
  for (let at = from; at < to; at += 40) {
    const make = at % 1000 === 0 ? frame.key : frame.inter
    rig.push(make(at, body === undefined ? {} : { body }))
  }
}

describe('a player that takes no bytes', () => {
  it('goes on where it was, if it is not too far behind', () => {
    const rig = new BroadcastRig({ queueLengthMs: 3000 })
    const { socket, player } = rig.join()
    rig.push(frame.key(0), frame.inter(40))
    socket.taken()
    socket.block()
    rig.push(frame.inter(80), frame.key(120), frame.inter(160))
    expect(socket.taken()).toBe('')
    expect(player.lagMs).toBe(80)
    socket.unblock()
    expect(socket.taken()).toBe('v80 K120 v160')
    expect([player.lagMs, player.skips]).toEqual([0, 0])
    rig.push(frame.inter(200))
    expect(socket.taken()).toBe('v200')
  })

  it('skips to the newest keyframe once it is too far behind, gets the prelude again, and is counted', () => {
    const rig = new BroadcastRig({ queueLengthMs: 3000 })
    const slow = rig.join()
    pushVideo(rig, 0, 80)
    slow.socket.taken()
    slow.socket.block()
    pushVideo(rig, 80, 5000)
    rig.state = { ...rig.state, metadata: frame.data(5000) }
    pushVideo(rig, 5000, 5080)
    // All that the log has: what it needs next is older.
    expect(slow.player.lagMs).toBe(3000)
    slow.socket.unblock()
    expect(slow.socket.taken()).toBe('[again@5000 mVA] K5000 v5040')
    expect([slow.player.skips, slow.player.lagMs]).toEqual([1, 0])
    expect(rig.counters.skips).toBe(1)
    pushVideo(rig, 5080, 5120)
    expect(slow.socket.taken()).toBe('v5080')
  })

  it('skips only past queueLengthMs', () => {
    const rig = new BroadcastRig({ queueLengthMs: 1000 })
    const [atLimit, pastLimit] = [rig.join(), rig.join()]
    rig.push(frame.key(0))
    atLimit.socket.block()
    pastLimit.socket.block()
    rig.push(frame.inter(40), frame.key(500), frame.inter(800), frame.inter(1040))
    atLimit.socket.taken()
    atLimit.socket.unblock()
    expect(atLimit.socket.taken()).toBe('v40 K500 v800 v1040')
    rig.push(frame.inter(1041))
    pastLimit.socket.taken()
    pastLimit.socket.unblock()
    expect(pastLimit.socket.taken()).toBe('[again@500 VA] K500 v800 v1040 v1041')
    expect([atLimit.player.skips, pastLimit.player.skips]).toEqual([0, 1])
  })

  it.each([
    ['an hour', 3_600_000],
    ['49 days', 4_294_960_000],
  ])('does not skip because the clock of its publisher jumps by %s', (_, jump) => {
    const rig = new BroadcastRig({ queueLengthMs: 3000 })
    const { socket, player } = rig.join()
    rig.push(frame.key(0), frame.inter(40))
    socket.taken()
    socket.block()
    rig.push(
      frame.inter(80),
      frame.audio(90),
      frame.inter(jump),
      frame.key(jump + 40),
      frame.inter(jump + 80),
    )
    expect(player.lagMs).toBe(1590)
    socket.unblock()
    expect(socket.taken()).toBe(`v80 a90 v${jump} K${jump + 40} v${jump + 80}`)
    expect(player.skips).toBe(0)
    // And it is not let off from what comes behind the jump.
    socket.block()
    pushVideo(rig, jump + 1000, jump + 5080)
    socket.unblock()
    expect(player.skips).toBe(1)
  })

  it('does not skip within the newest GOP, however long that is', () => {
    const rig = new BroadcastRig({ queueLengthMs: 1000 })
    const { socket, player } = rig.join()
    rig.push(frame.key(0), frame.inter(40))
    socket.taken()
    socket.block()
    rig.push(frame.inter(80), frame.inter(20_000))
    socket.unblock()
    expect(socket.taken()).toBe('v80 v20000')
    expect(player.skips).toBe(0)
  })

  it('does not skip to the keyframe that is next anyway', () => {
    const rig = new BroadcastRig({ queueLengthMs: 1000 })
    const { socket, player } = rig.join()
    rig.push(frame.key(0))
    socket.taken()
    socket.block()
    rig.push(frame.key(40), frame.inter(5000))
    socket.unblock()
    expect(socket.taken()).toBe('K40 v5000')
    expect(player.skips).toBe(0)
  })

  it('counts as stalled from the write on that filled its socket', () => {
    const rig = new BroadcastRig()
    const { socket, player } = rig.join()
    socket.stopTaking()
    rig.push(frame.key(0, { body: new Uint8Array(100_000) }))
    rig.clock.advance(700)
    expect(player.stalledMs(rig.clock.now())).toBe(700)
    rig.push(frame.inter(40))
    expect(player.stalledMs(rig.clock.now())).toBe(700)
    socket.unblock()
    expect(player.stalledMs(rig.clock.now())).toBe(0)
    expect(socket.taken()).toBe('[first@0 VA] K0 v40')
  })

  it('disturbs nobody, and costs nobody a frame', () => {
    const rig = new BroadcastRig({ queueLengthMs: 1000 })
    const slow = rig.join()
    const fast = rig.join()
    slow.socket.block()
    pushVideo(rig, 0, 20_000)
    const words = fast.socket.taken().split(' ')
    expect(words).toHaveLength(2 + 500)
    expect(words.slice(-1)).toEqual(['v19960'])
    expect(fast.player.skips).toBe(0)
    expect(rig.counters.framesEncoded).toBe(500)
    expect(slow.socket.writableLength).toBeLessThan(2 * slow.socket.writableHighWaterMark)
  })

  it('waits for a keyframe if what it needs has left and there is no place to begin', () => {
    const rig = new BroadcastRig({ queueMaxBytes: 200_000 })
    const { socket, player } = rig.join()
    rig.push(frame.key(0))
    socket.taken()
    socket.block()
    const body = new Uint8Array(60_000)
    for (let at = 40; at < 400; at += 40) {
      rig.push(frame.inter(at, { body }))
    }
    socket.unblock()
    expect(socket.taken()).toBe('')
    expect([player.skips, player.cursor]).toEqual([1, null])
    rig.push(frame.inter(400))
    expect(socket.taken()).toBe('')
    rig.push(frame.key(440), frame.inter(480))
    expect(socket.taken()).toBe('[again@440 VA] K440 v480')
    expect(player.skips).toBe(1)
  })

  it('gets the rest of a publication that ended meanwhile', () => {
    const rig = new BroadcastRig()
    const { socket } = rig.join()
    rig.push(frame.key(0))
    socket.taken()
    socket.block()
    rig.push(frame.inter(40), frame.key(80))
    rig.broadcast.onPublishEnd()
    socket.unblock()
    expect(socket.taken()).toBe('v40 K80')
  })

  it('is woken though another player left that had the same socket', () => {
    const rig = new BroadcastRig()
    const socket = new FakeSocket()
    rig.join(socket)
    const other = rig.join(socket)
    rig.push(frame.key(0))
    socket.block()
    rig.push(frame.inter(40))
    socket.taken()
    other.player.leave()
    socket.unblock()
    expect(socket.taken()).toBe('v40')
  })

  it('is given up after stallTimeoutMs, with the reason', () => {
    const rig = new BroadcastRig({ stallTimeoutMs: 5000 })
    const stalled = rig.join()
    const fast = rig.join()
    rig.push(frame.key(0))
    stalled.socket.block()
    rig.push(frame.inter(40))
    rig.clock.advance(5000)
    expect(stalled.player.stalledMs(rig.clock.now())).toBe(5000)
    rig.push(frame.inter(80))
    expect(stalled.ends).toEqual([])
    rig.clock.advance(1)
    rig.push(frame.inter(120))
    expect(stalled.ends).toEqual([{ code: 'closed', message: 'took no bytes for 5000 ms (stallTimeoutMs)' }])
    expect(rig.broadcast.players).toEqual(new Set([fast.player]))
    expect(fast.socket.taken()).toBe('[first@0 VA] K0 v40 v80 v120')
    stalled.socket.taken()
    stalled.socket.unblock()
    expect(stalled.socket.taken()).toBe('')
    expect(rig.timesEmpty).toBe(0)
    fast.socket.block()
    rig.push(frame.inter(160))
    rig.clock.advance(5001)
    rig.push(frame.inter(200))
    expect(fast.ends).toHaveLength(1)
    expect(rig.timesEmpty).toBe(1)
  })

  it('is not given up if it takes some now and then', () => {
    const rig = new BroadcastRig({ stallTimeoutMs: 5000 })
    const { socket, player, ends } = rig.join()
    rig.push(frame.key(0))
    for (let round = 1; round <= 5; round++) {
      socket.block()
      rig.push(frame.inter(round * 40))
      rig.clock.advance(4000)
      socket.unblock()
      expect(player.stalledMs(rig.clock.now())).toBe(0)
    }
    rig.push(frame.inter(400))
    expect(ends).toEqual([])
  })
})

describe('the memory of a broadcast', () => {
  it('is bounded by bytes, with a player that takes nothing for long', async () => {
    const rig = new BroadcastRig({ queueMaxBytes: 1_000_000, queueLengthMs: 1_000_000 })
    const [slow, slower, fast] = [rig.join(), rig.join(), rig.join()]
    rig.push(frame.key(0))
    slow.socket.taken()
    slower.socket.taken()
    slow.socket.block()
    slower.socket.block()
    const body = new Uint8Array(50_000)
    pushVideo(rig, 40, 760, body)
    slow.socket.unblock()
    // It catches up a bufferful at a time.
    for (let turn = 0; turn < 50; turn++) {
      await nextTurn()
    }
    // 900 kB wait for it in the log, and not in its socket.
    expect(slow.socket.taken().split(' ')).toHaveLength(18)
    for (let at = 760; at < 1040; at += 40) {
      pushVideo(rig, at, at + 40, body)
      expect(rig.broadcast.bytesHeld).toBeLessThanOrEqual(1_000_000)
    }
    slower.socket.unblock()
    expect(slower.socket.taken()).toBe('[again@1000 VA] K1000')
    expect([slow.player.skips, slower.player.skips, fast.player.skips]).toEqual([0, 1, 0])
  })

  it('is that of one GOP while every player is up to date', () => {
    const rig = new BroadcastRig()
    rig.join()
    pushVideo(rig, 0, 1000)
    const held = rig.broadcast.bytesHeld
    pushVideo(rig, 1000, 60_000)
    expect(rig.broadcast.bytesHeld).toBeLessThan(held * 1.5)
  })

  it('is let go when the publisher leaves and every player has everything', () => {
    const rig = new BroadcastRig()
    const slow = rig.join()
    rig.join()
    pushVideo(rig, 0, 2000)
    expect(rig.broadcast.bytesHeld).toBeGreaterThan(0)
    rig.broadcast.onPublishEnd()
    expect(rig.broadcast.bytesHeld).toBe(0)
    // What a slow player still needs is kept.
    rig.push(frame.key(2000))
    slow.socket.block()
    pushVideo(rig, 2040, 2100)
    rig.broadcast.onPublishEnd()
    expect(rig.broadcast.bytesHeld).toBeGreaterThan(0)
    slow.socket.unblock()
    expect(slow.socket.taken()).toMatch(/v2040 v2080$/)
  })
})
