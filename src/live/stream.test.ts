import { describe, expect, it } from 'vitest'
import { RejectedError } from '../base/index.ts'
import { endReason, tagBody } from './testing/frames.ts'
import { LetterFormat } from './testing/letter-format.ts'
import { RecordingSink } from './testing/recording-sink.ts'
import { RecordingSource, streamRequest } from './testing/requests.ts'
import { StreamRig, writeGop } from './testing/stream-rig.ts'

const { client } = streamRequest('v1')

describe('a stream', () => {
  it('has one publisher at a time', () => {
    const rig = new StreamRig()
    const first = rig.publish('p1')
    expect(rig.stream.publication).toBe(first)
    expect(() => rig.publish('p2')).toThrow(new RejectedError('stream live/demo is busy: p1 publishes it'))
    first.end(endReason())
    expect(rig.stream.publication).toBeNull()
    const second = rig.publish('p2')
    // An end that comes late is not the second's.
    first.end(endReason())
    expect(rig.stream.publication).toBe(second)
    expect(rig.stream.counters.publications).toBe(2)
  })

  it('hands every sink every frame, in order, until it is detached', () => {
    const rig = new StreamRig()
    const other = new RecordingSink()
    const detach = rig.stream.attach(other)
    const publication = rig.publish()
    writeGop(publication)
    expect(rig.sink.taken()).toBe('V0 A0 K0 a3 v40')
    expect(other.taken()).toBe('V0 A0 K0 a3 v40')
    expect(other.frames[2]).toBe(rig.sink.frames[2])
    detach()
    detach()
    publication.write('video', 80, tagBody.interFrame())
    expect([rig.sink.taken(), other.taken()]).toEqual(['v80', ''])
  })

  it('keeps the newest GOP', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    writeGop(publication)
    expect(rig.stream.gop).toHaveLength(3)
    publication.write('video', 80, tagBody.keyframe())
    expect(rig.stream.gop.map(({ timestamp }) => timestamp)).toEqual([80])
    publication.end(endReason())
    expect(rig.stream.gop).toEqual([])
  })

  it('is idle while nobody publishes or views, and says when it is released', () => {
    const rig = new StreamRig()
    expect(rig.stream.idle).toBe(true)
    const publication = rig.publish()
    const leave = rig.stream.addViewer(client)
    expect(rig.stream.idle).toBe(false)
    publication.end(endReason())
    expect([rig.stream.idle, rig.released]).toEqual([false, 1])
    leave()
    expect([rig.stream.idle, rig.released]).toEqual([true, 2])
    leave()
    expect(rig.released).toBe(2)
  })

  it('counts a client that plays it twice as two viewers', () => {
    const rig = new StreamRig()
    const leaves = [rig.stream.addViewer(client), rig.stream.addViewer(client)]
    expect([...rig.stream.viewers]).toEqual([client, client])
    leaves[0]?.()
    leaves[0]?.()
    expect(rig.stream.viewers.size).toBe(1)
    expect(rig.stream.idle).toBe(false)
    leaves[1]?.()
    expect(rig.stream.idle).toBe(true)
  })
})

describe('the end of a stream', () => {
  it('revokes the publisher, then tells every sink, then whoever made it, once', () => {
    const rig = new StreamRig()
    const source = new RecordingSource()
    const publication = rig.publish('p1', source)
    const { ends } = rig.play()
    writeGop(publication)
    rig.sink.taken()
    rig.stream.end(endReason('shut', 'closed'))
    rig.stream.end(endReason('again'))
    expect(source.revoked).toEqual([endReason('shut', 'closed')])
    expect(rig.sink.taken()).toBe('publish-end:closed end:closed')
    expect(ends).toEqual([endReason('shut', 'closed')])
    expect(rig.ended).toEqual([endReason('shut', 'closed')])
    expect(rig.stream.ended).toBe(true)
    expect(rig.stream.gop).toEqual([])
    expect(() => publication.write('video', 0, tagBody.keyframe())).toThrow('publication of p1 has ended')
  })

  it('lets nobody publish any more', () => {
    const rig = new StreamRig()
    rig.stream.end(endReason())
    expect(() => rig.publish()).toThrow(new RejectedError('stream live/demo is closed'))
  })

  it('is told to players that come too late', () => {
    const rig = new StreamRig()
    rig.stream.end(endReason('shut', 'closed'))
    const { socket, ends } = rig.play()
    expect(ends).toEqual([endReason('shut', 'closed')])
    expect(socket.taken()).toBe('')
    expect(rig.play().ends).toHaveLength(1)
  })
})

describe('broadcasts of a stream', () => {
  it('are one per format, there only while somebody plays', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    const flv = new LetterFormat('flv')
    const first = rig.play()
    const broadcast = rig.stream.broadcast(rig.format)
    const other = rig.stream.broadcast(flv)
    expect(rig.stream.broadcast(new LetterFormat('letters'))).toBe(broadcast)
    expect(other).not.toBe(broadcast)
    first.leave()
    expect(rig.stream.broadcast(rig.format)).not.toBe(broadcast)
    writeGop(publication)
    // Nobody joined these, so they went at the first flush.
    expect(rig.stream.broadcast(flv)).not.toBe(other)
  })

  it.each([1, 200])('encode each frame once for %d players', (count) => {
    const rig = new StreamRig()
    const publication = rig.publish()
    writeGop(publication)
    const players = Array.from({ length: count }, () => rig.play())
    publication.write('video', 80, tagBody.keyframe())
    publication.write('video', 120, tagBody.interFrame())
    expect(rig.stream.formatCounters.get('letters')).toEqual({ framesEncoded: 5, bytesEncoded: 19, skips: 0 })
    expect(new Set(players.map(({ socket }) => socket.taken()))).toEqual(
      new Set(['[first@0 VA] K0 a3 v40 K80 v120']),
    )
    const prelude = '[first@0 VA] '.length
    expect(rig.stream.counters.bytesSent).toBe(count * (19 + prelude))
  })

  it('encode nothing without players, and count on over a pause', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    writeGop(publication)
    expect([...rig.stream.formatCounters]).toEqual([])
    rig.play().leave()
    publication.write('video', 80, tagBody.interFrame())
    publication.write('video', 120, tagBody.keyframe())
    expect(rig.stream.formatCounters.get('letters')?.framesEncoded).toBe(3)
    rig.play().leave()
    expect(rig.stream.formatCounters.get('letters')?.framesEncoded).toBe(4)
  })

  it('do not encode what is past if newcomers do not get it', () => {
    const rig = new StreamRig({ gopCache: false })
    const publication = rig.publish()
    writeGop(publication)
    const { socket } = rig.play()
    expect(rig.stream.formatCounters.get('letters')?.framesEncoded).toBe(0)
    publication.write('video', 80, tagBody.interFrame())
    publication.write('video', 120, tagBody.keyframe())
    expect(socket.taken()).toBe('[first@120 VA] K120')
  })
})

describe('players of a stream', () => {
  it('may come first and wait for the publisher', () => {
    const rig = new StreamRig()
    const { socket } = rig.play()
    writeGop(rig.publish())
    // The first picture, and then what follows it.
    expect(socket.taken()).toBe('[first@0 VA] K0 a3 v40')
  })

  it('stay when the publisher leaves and play on when it returns, on the same timeline', () => {
    const rig = new StreamRig()
    const stays = rig.play()
    const first = rig.publish('p1')
    writeGop(first)
    first.write('audio', 60, tagBody.aac())
    first.end(endReason())
    const waits = rig.play()
    expect(stays.socket.taken()).toBe('[first@0 VA] K0 a3 v40 a60')
    expect(waits.socket.taken()).toBe('')
    const second = rig.publish('p2')
    second.writeScriptData(tagBody.metadata({ videocodecid: 7, audiocodecid: 10 }))
    writeGop(second, 5000)
    // 57 ms lay between the last two frames of a kind; the same headers are not repeated.
    expect(stays.socket.taken()).toBe('m60 K117 a120 v157')
    expect(waits.socket.taken()).toBe('[first@117 mVA] K117 a120 v157')
    expect([stays.ends, waits.ends]).toEqual([[], []])
  })

  it('that come after the publisher returned without video get no header of the old one', () => {
    const rig = new StreamRig()
    const stays = rig.play()
    const first = rig.publish('p1')
    first.writeScriptData(tagBody.metadata({ videocodecid: 7 }))
    writeGop(first)
    first.end(endReason())
    stays.socket.taken()
    const second = rig.publish('p2')
    expect(rig.stream.state).toMatchObject({ metadata: null, metadataProperties: null, hasVideo: false })
    second.write('audio', 0, tagBody.aacHeader())
    for (let at = 0; at <= 200; at += 20) {
      second.write('audio', at, tagBody.aac())
    }
    expect(rig.play().socket.taken()).toMatch(/^\[first@\d+ A\] a/)
  })

  it('get the header of a publisher that returned without a word of it, though they know it', () => {
    const rig = new StreamRig()
    const first = rig.publish('p1')
    writeGop(first)
    first.end(endReason())
    const second = rig.publish('p2')
    const early = rig.play()
    second.write('audio', 0, tagBody.aacHeader())
    for (let at = 0; at <= 100; at += 20) {
      second.write('audio', at, tagBody.aac())
    }
    expect(early.socket.taken()).toMatch(/^\[first@\d+ A\] A\d+ a/)
    second.write('video', 100, tagBody.avcHeader())
    second.write('video', 100, tagBody.keyframe())
    expect(early.socket.taken()).toMatch(/V\d+ K\d+$/)
  })
})
