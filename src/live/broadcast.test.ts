import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_OPEN_SEGMENT_BYTES } from './broadcast.ts'
import { AUDIO_FRAMES_WITHOUT_VIDEO } from './gop-cache.ts'
import { emptyStreamState } from './stream-state.ts'
import { BroadcastRig } from './testing/broadcast-rig.ts'
import { audioVideoState, endReason, frame } from './testing/frames.ts'
import { wordOf } from './testing/letter-format.ts'

describe('who joins a broadcast', () => {
  it('gets the prelude and the newest GOP at once, then what comes', () => {
    const rig = new BroadcastRig()
    rig.join()
    rig.push(frame.key(0), frame.inter(40), frame.key(80), frame.audio(83), frame.inter(120))
    const { socket } = rig.join()
    expect(socket.taken()).toBe('[first@80 VA] K80 a83 v120')
    rig.push(frame.inter(160))
    expect(socket.taken()).toBe('v160')
  })

  it('gets the GOP from before there were players, encoded as one piece', () => {
    const rig = new BroadcastRig()
    rig.broadcast.seed([frame.key(0), frame.audio(3), frame.inter(40)])
    const { socket } = rig.join()
    expect(socket.taken()).toBe('[first@0 VA] K0 a3 v40')
    expect(socket.chunks).toBe(2)
  })

  it('waits for a keyframe if there is none, and is told nothing meanwhile', () => {
    const rig = new BroadcastRig()
    const { socket, player } = rig.join()
    rig.push(frame.audio(0), frame.inter(40), frame.inter(80))
    expect(socket.taken()).toBe('')
    expect([player.cursor, player.lagMs, player.skips]).toEqual([null, 0, 0])
    rig.push(frame.key(120))
    expect(socket.taken()).toBe('[first@120 VA] K120')
  })

  it('gets the sequence headers as of the keyframe it begins at', () => {
    const rig = new BroadcastRig()
    rig.join()
    rig.push(frame.key(0))
    const before = rig.join()
    rig.state = { ...rig.state, videoSequenceHeader: null, metadata: frame.data(40) }
    const stillBefore = rig.join()
    rig.push(frame.key(40))
    const after = rig.join()
    expect(before.socket.taken()).toBe('[first@0 VA] K0 K40')
    expect(stillBefore.socket.taken()).toBe('[first@0 VA] K0 K40')
    expect(after.socket.taken()).toBe('[first@40 mA] K40')
  })

  it('gets no sequence header of a kind that the present publisher does not send', () => {
    const rig = new BroadcastRig()
    rig.state = { ...audioVideoState, hasVideo: false }
    const { socket } = rig.join()
    rig.push(frame.audio(0), frame.audio(100))
    expect(socket.taken()).toBe('[first@0 A] a0 a100')
  })

  it('waits for the next keyframe if gopCache is off', () => {
    const rig = new BroadcastRig({ gopCache: false })
    rig.join()
    rig.push(frame.key(0), frame.inter(40))
    const { socket } = rig.join()
    rig.push(frame.inter(80))
    expect(socket.taken()).toBe('')
    rig.push(frame.key(120))
    expect(socket.taken()).toBe('[first@120 VA] K120')
  })

  it('is told at once if the stream is over', () => {
    const rig = new BroadcastRig()
    rig.broadcast.seed([frame.key(0)])
    rig.broadcast.onEnd(endReason('over'))
    const { socket, ends } = rig.join()
    expect(ends).toEqual([endReason('over')])
    expect(socket.taken()).toBe('')
    expect(rig.broadcast.players.size).toBe(0)
  })

  it('costs one prelude per place of entry, however many join there', () => {
    const rig = new BroadcastRig()
    rig.broadcast.seed([frame.key(0)])
    for (let i = 0; i < 50; i++) {
      rig.join()
    }
    expect(rig.format.preludes).toBe(1)
    rig.push(frame.key(40))
    rig.join()
    expect(rig.format.preludes).toBe(2)
  })
})

describe('a flush', () => {
  it('comes with every video frame, with audio riding along', () => {
    const rig = new BroadcastRig()
    const { socket } = rig.join()
    rig.push(frame.key(0))
    expect(socket.taken()).toBe('[first@0 VA] K0')
    rig.push(frame.audio(10), frame.audio(33))
    expect(socket.taken()).toBe('')
    rig.push(frame.inter(40))
    expect(socket.taken()).toBe('a10 a33 v40')
    expect(socket.chunks).toBe(3)
  })

  it('comes with every k-th video frame, which audio does not hasten, nor do sequence headers', () => {
    const rig = new BroadcastRig({ mergeWriteMs: 5 * 40 })
    const { socket } = rig.join()
    rig.push(frame.key(0), frame.audio(20), frame.inter(40), frame.audio(43), frame.inter(80))
    rig.push(frame.videoHeader(80), frame.audio(90), frame.data(100), frame.audio(115), frame.inter(120))
    rig.push(frame.audio(138))
    expect(socket.taken()).toBe('')
    rig.push(frame.inter(160))
    expect(socket.taken()).toBe('[first@0 VA] K0 a20 v40 a43 v80 V80 a90 m100 a115 v120 a138 v160')
    rig.push(frame.inter(200), frame.inter(240), frame.inter(280), frame.inter(320))
    expect(socket.taken()).toBe('')
    rig.push(frame.inter(360))
    expect(socket.taken()).toBe('v200 v240 v280 v320 v360')
  })

  it('never joins a keyframe with what is before it', () => {
    const rig = new BroadcastRig({ mergeWriteMs: 3 * 40 })
    const { socket } = rig.join()
    rig.push(frame.key(0), frame.inter(40), frame.inter(80))
    expect(socket.taken()).toBe('[first@0 VA] K0 v40 v80')
    rig.push(frame.inter(120), frame.key(160), frame.inter(200))
    expect(socket.taken()).toBe('v120 K160 v200')
    expect(rig.join().socket.taken()).toBe('[first@160 VA] K160 v200')
  })

  it('comes after audioFlushMs where video has stopped', () => {
    const rig = new BroadcastRig({ mergeWriteMs: 2 * 40, audioFlushMs: 100 })
    const { socket } = rig.join()
    rig.push(frame.key(0), frame.audio(40), frame.audio(139))
    expect(socket.taken()).toBe('')
    rig.push(frame.audio(140))
    expect(socket.taken()).toBe('[first@0 VA] K0 a40 a139 a140')
  })

  it('comes when the open segment is large, whatever the times of its frames', () => {
    const rig = new BroadcastRig()
    rig.state = { ...emptyStreamState, hasAudio: true }
    const { socket } = rig.join()
    const body = new Uint8Array(MAX_OPEN_SEGMENT_BYTES / 4)
    for (let i = 0; i < 3; i++) {
      rig.push(frame.audio(0, { body }))
    }
    expect(socket.taken()).toBe('')
    rig.push(frame.audio(0, { body }))
    expect(socket.taken()).toBe('[first@0 ] a0 a0 a0 a0')
  })

  it('comes when nothing but metadata or sequence headers comes, too', () => {
    const rig = new BroadcastRig()
    const { socket } = rig.join()
    rig.push(frame.key(0))
    socket.taken()
    const body = new Uint8Array(MAX_OPEN_SEGMENT_BYTES / 2)
    rig.push(frame.data(0, { body }), frame.videoHeader(0, { body }))
    expect(socket.taken()).toBe('m0 V0')
  })
})

describe('a broadcast without video', () => {
  it('gathers audioFlushMs of audio, and can be joined at each of its pieces', () => {
    const rig = new BroadcastRig({ audioFlushMs: 100 })
    rig.state = { ...audioVideoState, hasVideo: false, videoSequenceHeader: null }
    const { socket } = rig.join()
    rig.push(frame.audio(0), frame.audio(50), frame.audio(99))
    expect(socket.taken()).toBe('')
    rig.push(frame.audio(100))
    expect(socket.taken()).toBe('[first@0 A] a0 a50 a99 a100')
    rig.push(frame.audio(150))
    const late = rig.join()
    expect(late.socket.taken()).toBe('[first@0 A] a0 a50 a99 a100')
    rig.push(frame.audio(250))
    expect(late.socket.taken()).toBe('a150 a250')
    expect(rig.join().socket.taken()).toBe('[first@150 A] a150 a250')
  })

  it('lets who comes after video has stopped hear the audio', () => {
    const rig = new BroadcastRig()
    rig.join()
    rig.push(frame.key(0))
    for (let i = 1; i <= AUDIO_FRAMES_WITHOUT_VIDEO + 20; i++) {
      rig.push(frame.audio(i * 20))
    }
    const { socket } = rig.join()
    expect(socket.taken()).toMatch(/^\[first@\d+ VA\] a/)
    rig.push(frame.key(10_000))
    const later = rig.join()
    expect(later.socket.taken()).toBe('[first@10000 VA] K10000')
  })
})

describe('encoding', () => {
  const frames = [frame.key(0), frame.audio(3), frame.inter(40), frame.key(80), frame.inter(120)]

  it.each([1, 200])('is done once a frame with %d players, who all get the same', (count) => {
    const rig = new BroadcastRig()
    const viewers = Array.from({ length: count }, () => rig.join())
    rig.push(...frames)
    expect(rig.counters.framesEncoded).toBe(frames.length)
    expect(rig.counters.bytesEncoded).toBe('K0 a3 v40 K80 v120 '.length)
    expect(new Set(viewers.map(({ socket }) => socket.taken()))).toEqual(
      new Set(['[first@0 VA] K0 a3 v40 K80 v120']),
    )
    expect(rig.bytesSent).toBe(count * (rig.counters.bytesEncoded + '[first@0 VA] '.length))
  })

  it('gives every player all frames from a keyframe on, in order, whenever it joins and whatever k is', () => {
    const kinds = fc.array(fc.constantFrom(frame.key, frame.inter, frame.audio), { maxLength: 40 })
    fc.assert(
      fc.property(kinds, fc.nat({ max: 40 }), fc.integer({ min: 1, max: 6 }), (list, joinAt, k) => {
        const rig = new BroadcastRig({ mergeWriteMs: k * 40 })
        const first = rig.join().socket
        const all = list.map((make, index) => make(index * 20))
        rig.push(...all.slice(0, joinAt))
        const second = rig.join().socket
        rig.push(...all.slice(joinAt))
        rig.broadcast.flush()
        const whole = all.map(wordOf).join('').trimEnd()
        const texts = [first, second].map((socket) => socket.taken().replace(/^\[[^\]]*\] /, ''))
        for (const text of texts) {
          expect(whole.endsWith(text)).toBe(true)
          expect(text === '' || text.startsWith('K')).toBe(true)
          expect(text === '').toBe(!all.some((each) => each.keyframe))
        }
        if (k === 1) {
          // Who comes later begins no earlier.
          expect(texts[0]?.endsWith(texts[1] ?? '')).toBe(true)
        }
      }),
    )
  })
})

describe('the end of a publication', () => {
  it('brings out what is left, and lets who comes now wait for the next', () => {
    const rig = new BroadcastRig({ mergeWriteMs: 10 * 40 })
    const { socket, ends } = rig.join()
    rig.push(frame.key(0), frame.audio(3))
    rig.broadcast.onPublishEnd()
    expect(socket.taken()).toBe('')
    const second = rig.join()
    expect(second.socket.taken()).toBe('')
    rig.push(frame.key(100))
    rig.broadcast.flush()
    expect(socket.taken()).toBe('[first@100 VA] K100')
    expect(second.socket.taken()).toBe('[first@100 VA] K100')
    expect(ends).toEqual([])
  })

  it('is played over by who was there: the old rest, then the new', () => {
    const rig = new BroadcastRig()
    const { socket } = rig.join()
    rig.push(frame.key(0), frame.audio(3), frame.audio(26))
    expect(socket.taken()).toBe('[first@0 VA] K0')
    rig.broadcast.onPublishEnd()
    expect(socket.taken()).toBe('a3 a26')
    rig.push(frame.audio(30), frame.key(40))
    expect(socket.taken()).toBe('a30 K40')
  })
})

describe('the end of a stream', () => {
  it('is told to every player after its last bytes, once', () => {
    const rig = new BroadcastRig()
    const viewers = [rig.join(), rig.join()]
    rig.push(frame.key(0), frame.audio(3))
    rig.broadcast.onEnd(endReason('over', 'closed'))
    rig.broadcast.onEnd(endReason('again'))
    for (const { socket, ends } of viewers) {
      expect(socket.taken()).toBe('[first@0 VA] K0 a3')
      expect(ends).toEqual([endReason('over', 'closed')])
    }
    expect(rig.broadcast.players.size).toBe(0)
    expect(rig.timesEmpty).toBeGreaterThan(0)
  })
})
