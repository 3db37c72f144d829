import { describe, expect, it } from 'vitest'
import { ClosedError, SERVER_NAME } from '../base/index.ts'
import { encodeAmf0 } from '../media/index.ts'
import { DAMAGED_PER_SECOND, MAX_DAMAGED_AT_ONCE } from './publication.ts'
import type { EndReason } from './sink.ts'
import { endReason, tagBody } from './testing/frames.ts'
import { RecordingSource } from './testing/requests.ts'
import { StreamRig, writeGop } from './testing/stream-rig.ts'

describe('a publication', () => {
  it('makes frames of copies of tag bodies', () => {
    const rig = new StreamRig()
    const body = tagBody.keyframe()
    rig.publish().write('video', 1000, body)
    const [frame] = rig.sink.frames
    expect(frame).toEqual({
      kind: 'video',
      timestamp: 1000,
      compositionOffset: 40,
      codec: 'avc',
      trackId: 0,
      keyframe: true,
      sequenceHeader: false,
      description: false,
      nanosecondOffset: 0,
      body,
    })
    body.fill(0)
    expect(frame?.body).toEqual(tagBody.keyframe())
  })

  it.each([
    ['video', tagBody.avcHeader()],
    ['audio', tagBody.aacHeader()],
  ] as const)('keeps copies of sequence headers, too: of %s', (kind, header) => {
    const rig = new StreamRig()
    const body = Uint8Array.from(header)
    rig.publish().write(kind, 1000, body)
    body.fill(0)
    const { videoSequenceHeader, audioSequenceHeader } = rig.stream.state
    expect((videoSequenceHeader ?? audioSequenceHeader)?.body).toEqual(header)
  })

  it('places metadata and sequence headers that say 0 in mid-stream where the stream is, and its clock stays', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    writeGop(publication, 100_000)
    rig.sink.taken()
    publication.writeScriptData(tagBody.metadata({}))
    publication.write('video', 0, tagBody.avcHeader(2))
    publication.write('audio', 0, tagBody.aacHeader(3))
    publication.write('audio', 100_023, tagBody.aac())
    publication.write('video', 100_080, tagBody.keyframe())
    expect(rig.sink.taken()).toBe('m100040 V100040 A100003 a100023 K100080')
  })

  it('continues the stream where a publisher left it', () => {
    const rig = new StreamRig()
    const first = rig.publish('p1')
    writeGop(first, 100_000)
    first.end(endReason('bye'))
    writeGop(rig.publish('p2'), 7)
    expect(rig.sink.taken()).toBe(
      'V0 A0 K100000 a100003 v100040 publish-end:unpublished V100040 A100003 K100080 a100083 v100120',
    )
  })

  it('does not repeat a sequence header that is the same, but passes one that has changed', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    writeGop(publication)
    rig.sink.taken()
    publication.write('video', 80, tagBody.avcHeader())
    publication.write('audio', 80, tagBody.aacHeader())
    expect(rig.sink.taken()).toBe('')
    expect(rig.stream.gop).not.toEqual([])
    publication.write('video', 80, tagBody.avcHeader(2))
    expect(rig.sink.taken()).toBe('V40')
    // The cached pictures need the old one.
    expect(rig.stream.gop).toEqual([])
    expect(rig.stream.state.videoSequenceHeader?.body).toEqual(tagBody.avcHeader(2))
    publication.write('video', 120, tagBody.keyframe())
    publication.write('audio', 120, tagBody.aacHeader(3))
    expect(rig.stream.gop).toEqual([])
    publication.write('audio', 120, tagBody.aacHeader(3))
    expect(rig.sink.taken()).toBe('K120 A3')
  })

  it('keeps the GOP when the first header of a kind comes behind a keyframe', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.write('video', 0, tagBody.avcHeader())
    publication.write('video', 0, tagBody.keyframe())
    publication.write('audio', 0, tagBody.aacHeader())
    expect(rig.stream.gop).toHaveLength(1)
  })

  it('forgets a sequence header that the codec of its frames does not have', () => {
    const rig = new StreamRig()
    const first = rig.publish('p1')
    writeGop(first)
    first.end(endReason())
    const second = rig.publish('p2')
    second.write('video', 0, tagBody.h263Keyframe())
    second.write('audio', 0, tagBody.mp3())
    expect(rig.stream.state).toMatchObject({
      videoSequenceHeader: null,
      audioSequenceHeader: null,
      hasVideo: true,
      hasAudio: true,
    })
    expect(rig.play().socket.taken()).toMatch(/^\[first@\d+ \] K/)
  })

  it('keeps the sequence header when a frame has a codec that is not known', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    writeGop(publication)
    publication.write('video', 80, Uint8Array.of(0x2f, 1, 2))
    publication.write('audio', 80, Uint8Array.of(0xcf, 1, 2))
    expect(rig.stream.state.videoSequenceHeader?.codec).toBe('avc')
    expect(rig.stream.state.audioSequenceHeader?.codec).toBe('aac')
  })

  it('cleans metadata, and learns from it what will come', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.writeScriptData(tagBody.metadata({ duration: 60, width: 640, videocodecid: 'avc1' }))
    expect(rig.stream.state).toMatchObject({
      metadataProperties: { width: 640, server: SERVER_NAME },
      hasVideo: true,
      hasAudio: false,
    })
    expect(rig.stream.state.metadataProperties).not.toHaveProperty('duration')
    expect(rig.stream.state.metadata).toBe(rig.sink.frames[0])
    publication.writeScriptData(tagBody.metadata({ audiocodecid: 10 }))
    expect(rig.stream.state).toMatchObject({ hasVideo: true, hasAudio: true })
  })

  it('leaves out what it cannot understand, counts it and says why', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    expect(publication.firstDroppedReason).toBeNull()
    publication.write('audio', 0, new Uint8Array(0))
    publication.write('video', 0, Uint8Array.of(0x17, 1))
    publication.writeScriptData(Uint8Array.of(2, 0, 9, 0x6f))
    expect(rig.stream.counters.framesDropped).toBe(3)
    expect(publication.firstDroppedReason).toBe('audio: need 1 bytes at offset 0, have 0')
    expect(rig.sink.taken()).toBe('')
    writeGop(publication)
    expect(rig.sink.taken()).toBe('V0 A0 K0 a3 v40')
  })

  it('hands other data to the players, in order, at its own time', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.write('video', 5_000, tagBody.avcHeader())
    publication.write('video', 5_000, tagBody.keyframe())
    const text = encodeAmf0('onTextData', { text: 'a' })
    publication.writeScriptData(text, 5_020)
    publication.write('video', 5_040, tagBody.interFrame())
    publication.writeScriptData(encodeAmf0('@setDataFrame', 'onCuePoint', { name: 'b' }), 5_030)
    publication.writeScriptData(encodeAmf0('onCuePoint', {}), 0)
    publication.writeScriptData(encodeAmf0('onCuePoint', {}))
    const start = rig.sink.frames[1]?.timestamp ?? 0
    expect(
      rig.sink.frames.slice(1).map(({ kind, timestamp, keyframe }) => [kind, timestamp - start, keyframe]),
    ).toEqual([
      ['video', 0, true],
      ['data', 20, false],
      ['video', 40, false],
      ['data', 30, false],
      ['data', 40, false],
      ['data', 40, false],
    ])
    expect(rig.sink.frames[2]?.body).toBe(text)
    expect(rig.sink.frames[4]?.body).toEqual(encodeAmf0('onCuePoint', { name: 'b' }))
    expect(rig.stream.state).toMatchObject({ hasVideo: true, hasAudio: false, metadata: null })
    expect(rig.stream.counters.framesDropped).toBe(0)
  })

  it('forgets the metadata when the publisher clears it; what it has learned from it stays', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.writeScriptData(tagBody.metadata({ videocodecid: 7 }))
    publication.writeScriptData(encodeAmf0('@clearDataFrame', 'onMetaData'))
    expect(rig.stream.state).toMatchObject({ metadata: null, metadataProperties: null, hasVideo: true })
    expect(rig.sink.frames).toHaveLength(1)
    publication.writeScriptData(tagBody.metadata({ width: 1 }))
    expect(rig.stream.state.metadataProperties).toMatchObject({ width: 1 })
  })

  it('leaves script data out that says nothing to anyone, and counts nothing', () => {
    const rig = new StreamRig()
    rig.publish().writeScriptData(Uint8Array.of(5))
    expect(rig.sink.taken()).toBe('')
    expect(rig.stream.counters.framesDropped).toBe(0)
  })

  it('counts frames and bytes', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    writeGop(publication)
    const bodies = [
      tagBody.avcHeader(),
      tagBody.aacHeader(),
      tagBody.keyframe(),
      tagBody.aac(),
      tagBody.interFrame(),
    ]
    expect(rig.stream.counters).toMatchObject({
      frames: 5,
      videoFrames: 2,
      bytesReceived: bodies.reduce((sum, body) => sum + body.length, 0),
      framesDropped: 0,
    })
  })

  it('knows how long it has been silent; anything is a sign of life', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    expect(publication.startedAt).toBe(rig.clock.wallTime())
    rig.clock.advance(700)
    expect(publication.silentMs).toBe(700)
    publication.write('audio', 0, new Uint8Array(0))
    expect(publication.silentMs).toBe(0)
    rig.clock.advance(1)
    publication.writeScriptData(Uint8Array.of(5))
    expect(publication.silentMs).toBe(0)
  })
})

describe('the end of a publication', () => {
  it('comes from us when a publisher sends damage without end, and not for some of it now and then', () => {
    const rig = new StreamRig()
    const source = new RecordingSource()
    const publication = rig.publish('p1', source)
    const damage = (times: number): void => {
      for (let i = 0; i < times; i++) {
        publication.write('video', 0, Uint8Array.of(0x27))
      }
    }
    damage(MAX_DAMAGED_AT_ONCE)
    for (let second = 0; second < 20; second++) {
      rig.clock.advance(1000)
      damage(DAMAGED_PER_SECOND)
    }
    expect(source.revoked).toEqual([])
    damage(1)
    expect(source.revoked).toEqual([
      {
        code: 'closed',
        message:
          'more than MAX_DAMAGED_AT_ONCE (1000) messages could not be understood, e.g. video: need 1 bytes at offset 1, have 0',
      },
    ])
    expect(rig.sink.taken()).toBe('publish-end:closed')
    expect(() => damage(1)).toThrow(ClosedError)
  })

  it('is told once to the sinks and the listener, and not to the publisher that ended it', () => {
    const rig = new StreamRig()
    const source = new RecordingSource()
    const publication = rig.publish('p1', source)
    const told: EndReason[] = []
    publication.onEnd = (reason) => told.push(reason)
    publication.end(endReason('bye'))
    publication.end(endReason('again'))
    publication.revoke(endReason('once more', 'closed'))
    expect(rig.sink.taken()).toBe('publish-end:unpublished')
    expect(told).toEqual([endReason('bye')])
    expect(source.revoked).toEqual([])
    expect(rig.released).toBe(1)
    expect(rig.stream.ended).toBe(false)
    expect(() => publication.write('audio', 0, tagBody.aac())).toThrow(ClosedError)
    expect(() => publication.writeScriptData(tagBody.metadata({}))).toThrow(ClosedError)
  })

  it('is told to the publisher if we end it, and only once', () => {
    const rig = new StreamRig()
    const source = new RecordingSource()
    const publication = rig.publish('p1', source)
    publication.revoke(endReason('replaced', 'replaced'))
    publication.revoke(endReason('again'))
    publication.end(endReason('again'))
    expect(source.revoked).toEqual([endReason('replaced', 'replaced')])
    expect(rig.sink.taken()).toBe('publish-end:replaced')
  })
})
