import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { BroadcastRig } from './testing/broadcast-rig.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import { frame } from './testing/frames.ts'

/** What the histogram has: the number of values, and all of them together, ms. */
function lagOf(rig: BroadcastRig): [count: number, sumMs: number] {
  return [rig.pacer.lag.count, rig.pacer.lag.sum]
}

describe('The lag of a broadcast', () => {
  it('is that from the arrival of the oldest frame of a flush to its writing, once for each player', () => {
    const rig = new BroadcastRig({ mergeWriteMs: 100 })
    rig.join()
    rig.join()
    rig.push(frame.key(0))
    rig.clock.advance(40)
    rig.push(frame.inter(40))
    expect(lagOf(rig)).toEqual([2, 80])
    rig.clock.advance(30)
    rig.push(frame.inter(80))
    rig.clock.advance(50)
    rig.push(frame.inter(120))
    expect(lagOf(rig)).toEqual([4, 80 + 100])
  })

  it('does not count what was there before a player came, nor those who wait for a keyframe', () => {
    const rig = new BroadcastRig()
    rig.broadcast.seed([frame.key(0), frame.inter(40)])
    rig.clock.advance(500)
    rig.join()
    expect(lagOf(rig)).toEqual([0, 0])
    const other = new BroadcastRig()
    other.join()
    other.push(frame.inter(0))
    expect(lagOf(other)).toEqual([0, 0])
  })

  it('counts a player whose socket took nothing when it gets on, with what it was behind', async () => {
    const rig = new BroadcastRig()
    const { socket } = rig.join(new FakeSocket())
    rig.push(frame.key(0))
    expect(lagOf(rig)).toEqual([1, 0])
    socket.block()
    rig.push(frame.inter(40), frame.inter(80), frame.inter(120))
    expect(lagOf(rig)).toEqual([1, 0])
    socket.unblock()
    await setImmediate()
    expect(lagOf(rig)).toEqual([2, 80])
  })
})
