import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EndReason } from './sink.ts'
import { BroadcastRig } from './testing/broadcast-rig.ts'
import { FakeSocket } from './testing/fake-socket.ts'
import { endReason, frame } from './testing/frames.ts'

describe('a player that leaves', () => {
  it('gets nothing more, and is not told of the end', () => {
    const rig = new BroadcastRig()
    const stays = rig.join()
    const leaves = rig.join()
    rig.push(frame.key(0))
    leaves.socket.taken()
    leaves.player.leave()
    leaves.player.leave()
    rig.push(frame.inter(40))
    rig.broadcast.onEnd(endReason())
    expect(leaves.socket.taken()).toBe('')
    expect(leaves.ends).toEqual([])
    expect(stays.ends).toHaveLength(1)
  })

  it('ends the broadcast if it was the last', () => {
    const rig = new BroadcastRig()
    const viewers = [rig.join(), rig.join()]
    viewers[0]?.player.leave()
    expect(rig.timesEmpty).toBe(0)
    viewers[1]?.player.leave()
    expect(rig.timesEmpty).toBe(1)
  })

  it('may do so within a flush, and take others with it, without costing the rest a byte', () => {
    const rig = new BroadcastRig({ stallTimeoutMs: 1000 })
    const ends: EndReason[] = []
    const socket = new FakeSocket()
    const victims = [rig.join(), rig.join()]
    const stalled = rig.broadcast.join(socket.sink, {
      onEnd(reason) {
        ends.push(reason)
        stalled.leave()
        for (const { player } of victims) {
          player.leave()
        }
      },
    })
    victims.push(rig.join())
    const last = rig.join()
    rig.push(frame.key(0))
    socket.block()
    rig.push(frame.inter(40))
    rig.clock.advance(1001)
    rig.push(frame.inter(80))
    expect(ends).toHaveLength(1)
    expect(rig.broadcast.players).toEqual(new Set([last.player]))
    expect(last.socket.taken()).toBe('[first@0 VA] K0 v40 v80')
    expect(victims.map((victim) => victim.socket.taken())).toEqual([
      '[first@0 VA] K0 v40 v80',
      '[first@0 VA] K0 v40 v80',
      '[first@0 VA] K0 v40',
    ])
    expect(rig.timesEmpty).toBe(0)
  })

  it('may end the stream within a flush', () => {
    const rig = new BroadcastRig({ stallTimeoutMs: 1000 })
    const socket = new FakeSocket()
    rig.broadcast.join(socket.sink, { onEnd: () => rig.broadcast.onEnd(endReason('with it')) })
    const other = rig.join()
    rig.push(frame.key(0))
    socket.block()
    rig.push(frame.inter(40))
    rig.clock.advance(1001)
    rig.push(frame.inter(80))
    expect(other.ends).toEqual([endReason('with it')])
    expect(rig.broadcast.players.size).toBe(0)
    expect(rig.timesEmpty).toBeGreaterThan(0)
  })
})

describe('any number of players that come, block, go on and leave', () => {
  it('get whole GOPs in order, and never the same frame twice', () => {
    const action = fc.constantFrom('join', 'block', 'unblock', 'leave', 'key', 'inter', 'audio')
    const steps = fc.array(fc.tuple(action, fc.nat({ max: 3 }), fc.nat({ max: 300 })), { maxLength: 80 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 3 }), (list, k) => {
        const rig = new BroadcastRig({ queueLengthMs: 500, mergeWriteMs: k * 40 })
        const viewers = [rig.join()]
        const blocked = new Set<FakeSocket>()
        let now = 0
        const sent: string[] = []
        for (const [what, which, step] of list) {
          const viewer = viewers[which % viewers.length] ?? rig.join()
          now += step
          if (what === 'join') {
            viewers.push(rig.join())
          } else if (what === 'block' && !blocked.has(viewer.socket)) {
            blocked.add(viewer.socket)
            viewer.socket.block()
          } else if (what === 'unblock' && blocked.delete(viewer.socket)) {
            viewer.socket.unblock()
          } else if (what === 'leave') {
            viewer.player.leave()
          } else if (what === 'key' || what === 'inter' || what === 'audio') {
            rig.push(frame[what](now))
            sent.push(`${{ key: 'K', inter: 'v', audio: 'a' }[what]}${now}#${sent.length}`)
          }
        }
        for (const { socket } of viewers) {
          if (blocked.delete(socket)) {
            socket.unblock()
          }
          checkPlayed(socket.taken(), sent)
        }
      }),
      { numRuns: 200 },
    )
  })
})

/** After each prelude, an unbroken row of what was sent begins with a keyframe; each later than the one before. */
function checkPlayed(text: string, sent: string[]): void {
  const runs = text.split(/\[(?:first|again)@\d+ VA\] ?/).filter((run) => run !== '')
  let from = 0
  for (const run of runs) {
    const words = run.trimEnd().split(' ')
    expect(words[0]).toMatch(/^K/)
    const begin = sent.findIndex(
      (_, index) => index >= from && words.every((word, at) => sent[index + at]?.split('#')[0] === word),
    )
    expect(begin).toBeGreaterThanOrEqual(from)
    from = begin + words.length
  }
}
