import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { FLUSH_SLICE_MS, MAX_FLUSH_SLICE_MS } from './broadcast.ts'
import { BroadcastRig, type RigViewer } from './testing/broadcast-rig.ts'
import { frame } from './testing/frames.ts'

const MANY = 200

/** A rig on whose clock every look takes longer than a slice may: each flush needs several turns of the event loop. */
function busyRig(): { rig: BroadcastRig; viewers: RigViewer[] } {
  const rig = new BroadcastRig()
  const now = rig.clock.now.bind(rig.clock)
  rig.clock.now = () => {
    rig.clock.advance(FLUSH_SLICE_MS + 1)
    return now()
  }
  const viewers = Array.from({ length: MANY }, () => rig.join())
  return { rig, viewers }
}

function served(viewers: RigViewer[]): number {
  return viewers.filter(({ socket }) => socket.chunks > 0).length
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await nextTurn()
  }
}

describe('a flush to many players', () => {
  it('gives others a turn after a slice, and reaches everybody', async () => {
    const { rig, viewers } = busyRig()
    rig.push(frame.key(0))
    const atOnce = served(viewers)
    expect(atOnce).toBeGreaterThan(0)
    expect(atOnce).toBeLessThan(MANY)
    await turns(MANY)
    expect(served(viewers)).toBe(MANY)
  })

  it('goes on for as long as others took in their turn, within bounds', async () => {
    const rig = new BroadcastRig()
    const viewers = Array.from({ length: 10 * MANY }, () => rig.join())
    const now = rig.clock.now.bind(rig.clock)
    // Each look takes 1 ms, and there is one for every so many players.
    rig.clock.now = () => {
      rig.clock.advance(1)
      return now()
    }
    rig.push(frame.key(0))
    const slices = [served(viewers)]
    for (const othersMs of [0, 2 * FLUSH_SLICE_MS, 10 * MAX_FLUSH_SLICE_MS]) {
      rig.clock.advance(othersMs)
      const before = served(viewers)
      await nextTurn()
      slices.push(served(viewers) - before)
    }
    const playersPerLook = (slices[0] ?? 0) / (FLUSH_SLICE_MS + 1)
    expect(slices.map((players) => players / playersPerLook - 1)).toEqual([
      FLUSH_SLICE_MS,
      FLUSH_SLICE_MS,
      2 * FLUSH_SLICE_MS + 1,
      MAX_FLUSH_SLICE_MS,
    ])
  })

  it('brings what comes during a flush to everybody, in order and once', async () => {
    const { rig, viewers } = busyRig()
    rig.push(frame.key(0))
    rig.push(frame.inter(40), frame.inter(80))
    await turns(2 * MANY)
    expect(new Set(viewers.map(({ socket }) => socket.taken()))).toEqual(new Set(['[first@0 VA] K0 v40 v80']))
  })

  it('ends for everybody with the stream, with their last bytes', () => {
    const { rig, viewers } = busyRig()
    rig.push(frame.key(0))
    rig.broadcast.onEnd({ code: 'closed', message: 'the test ends it' })
    expect(
      viewers.every(({ ends, socket }) => ends.length === 1 && socket.taken() === '[first@0 VA] K0'),
    ).toBe(true)
    expect(rig.timesEmpty).toBe(1)
  })

  it('closes once when all players leave between two slices', async () => {
    const { rig, viewers } = busyRig()
    rig.push(frame.key(0))
    for (const { player } of viewers) {
      player.leave()
    }
    await turns(MANY)
    expect(rig.timesEmpty).toBe(1)
  })
})
