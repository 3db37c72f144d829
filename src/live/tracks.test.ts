import { describe, expect, it } from 'vitest'
import { MAX_TRACKS } from '../media/index.ts'
import { FrameQueue } from './frame-queue.ts'
import { MAX_TRACK_CONFIGURATION_BYTES } from './publication.ts'
import { endReason, tagBody } from './testing/frames.ts'
import { StreamRig } from './testing/stream-rig.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const fourCc = (text: string) => Buffer.from(text, 'latin1').toString('hex')
const [hvc1, av01, opus] = [fourCc('hvc1'), fourCc('av01'), fourCc('Opus')]

/** A message with the payload of tracks 0, 1 ... */
const video = (frameType: number, packetType: number, ...payloads: string[]) =>
  hex(`${(8 + frameType).toString(16)}6 1${packetType} ${av01} ${payloads.map(sized).join('')}`)
const sized = (payload: string, id: number) => `0${id} 0000${byte(payload.length / 2)} ${payload}`
const byte = (value: number) => value.toString(16).padStart(2, '0')

const KEY = 1
const INTER = 2
const START = 0
const CODED = 1

describe('a publisher with several tracks', () => {
  it('makes a frame of each track, as if it had been sent alone', () => {
    const rig = new StreamRig()
    rig.publish().write('video', 40, video(KEY, CODED, 'aa', 'bbbb'))
    expect(
      rig.sink.frames.map(({ trackId, timestamp, keyframe, codec, body }) => ({
        trackId,
        timestamp,
        keyframe,
        codec,
        body,
      })),
    ).toEqual([
      { trackId: 0, timestamp: 40, keyframe: true, codec: 'av1', body: hex(`91 ${av01} aa`) },
      { trackId: 1, timestamp: 40, keyframe: true, codec: 'av1', body: hex(`91 ${av01} bbbb`) },
    ])
    expect(rig.stream.counters).toMatchObject({ frames: 2, videoFrames: 1, framesDropped: 0 })
  })

  it('has its headers kept by track, and repeated ones left out', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.write('video', 0, video(KEY, START, 'aa', 'bb'))
    publication.write('video', 0, video(KEY, START, 'aa', 'bb'))
    publication.write('video', 0, video(KEY, START, 'aa', 'cc'))
    expect(rig.sink.frames.map(({ body }) => body.at(-1))).toEqual([0xaa, 0xbb, 0xcc])
    const { videoSequenceHeader, configurations } = rig.stream.state
    expect(videoSequenceHeader?.body).toEqual(hex(`90 ${av01} aa`))
    expect(configurations.map(({ trackId, body }) => [trackId, body])).toEqual([[1, hex(`90 ${av01} cc`)]])
  })

  it('has the GOP of all tracks kept, from the keyframe of the default one on', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.write('video', 0, video(KEY, CODED, 'aa', 'bb'))
    publication.write('video', 40, video(INTER, CODED, 'aa', 'bb'))
    expect(rig.stream.gop.map(({ trackId, timestamp }) => [trackId, timestamp])).toEqual([
      [0, 0],
      [1, 0],
      [0, 40],
      [1, 40],
    ])
    // A keyframe of another track is no place to start.
    publication.write('video', 80, hex(`96 01 ${av01} 01 bb`))
    expect(rig.stream.gop).toHaveLength(5)
    publication.write('video', 120, video(KEY, CODED, 'aa', 'bb'))
    expect(rig.stream.gop).toHaveLength(2)
  })

  it('gives newcomers another track from the default one’s keyframe on, though its own may come later', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.write('video', 0, video(KEY, START, '01', '02'))
    publication.write('video', 0, video(KEY, CODED, 'a0', 'b0'))
    // Track 0 has a keyframe, track 1 goes on with its GOP.
    publication.write('video', 40, hex(`96 0${CODED} ${av01} 00 a1`))
    publication.write('video', 40, hex(`a6 0${CODED} ${av01} 01 b1`))
    publication.write('video', 80, video(INTER, CODED, 'a2', 'b2'))
    publication.write('video', 80, hex(`96 0${CODED} ${av01} 01 b3`))
    const seen = rig.stream.gop.map(({ trackId, keyframe, timestamp }) => [trackId, keyframe, timestamp])
    expect(seen).toEqual([
      [0, true, 40],
      [1, false, 40],
      [0, false, 80],
      [1, false, 80],
      [1, true, 80],
    ])
  })

  it('has colour metadata and channel layouts kept for who comes later, each the newest', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.write('video', 0, hex(`94 ${hvc1} 02`))
    publication.write('audio', 0, hex(`94 ${opus} 0106 0000003f`))
    publication.write('video', 0, hex(`94 ${hvc1} 03`))
    publication.write('video', 0, hex(`94 ${hvc1} 03`))
    const described = rig.stream.state.configurations
    expect(described.map(({ kind, body }) => [kind, body])).toEqual([
      ['video', hex(`94 ${hvc1} 03`)],
      ['audio', hex(`94 ${opus} 0106 0000003f`)],
    ])
    expect(rig.sink.frames).toHaveLength(3)
    expect(rig.sink.frames.every(({ description }) => description)).toBe(true)
    expect(rig.stream.counters.videoFrames).toBe(0)
    // The next publisher is another one.
    publication.end(endReason())
    rig.publish('p2')
    expect(rig.stream.state.configurations).toEqual([])
  })

  it('hands a program all of it', async () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.write('video', 0, video(KEY, START, 'aa', 'bb'))
    publication.write('video', 0, hex(`94 ${av01} 02`))
    publication.write('video', 0, video(KEY, CODED, 'aa', 'bb'))
    const queue = new FrameQueue(rig.stream)
    rig.stream.end(endReason())
    const seen: unknown[] = []
    for await (const { trackId, sequenceHeader, description } of queue) {
      seen.push([trackId, sequenceHeader, description])
    }
    expect(seen).toEqual([
      [0, true, false],
      [1, true, false],
      [0, false, true],
      [0, false, false],
      [1, false, false],
    ])
  })

  it('keeps nanosecond offsets', () => {
    const rig = new StreamRig()
    rig.publish().write('video', 40, hex(`97 02 01e240 01 ${av01} aa`))
    expect(rig.sink.frames).toMatchObject([{ nanosecondOffset: 123_456, body: hex(`91 ${av01} aa`) }])
  })

  it('may have MAX_TRACKS tracks of a kind; what is more is left out and counted', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    for (let id = 0; id <= MAX_TRACKS; id++) {
      publication.write('audio', id, hex(`95 01 ${opus} ${byte(id)} aa`))
    }
    publication.write('video', 0, tagBody.keyframe())
    expect(rig.sink.frames).toHaveLength(MAX_TRACKS + 1)
    expect(rig.stream.counters.framesDropped).toBe(1)
    expect(publication.firstDroppedReason).toContain('MAX_TRACKS')
  })

  it('may say MAX_TRACK_CONFIGURATION_BYTES of a track', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    const header = (bytes: number) => {
      const body = new Uint8Array(bytes + 2)
      body.set(hex(`95 00 ${opus} 01`))
      return body
    }
    publication.write('audio', 0, header(MAX_TRACK_CONFIGURATION_BYTES))
    expect(rig.stream.state.configurations).toHaveLength(1)
    publication.write('audio', 0, header(MAX_TRACK_CONFIGURATION_BYTES + 1))
    expect(publication.firstDroppedReason).toContain('MAX_TRACK_CONFIGURATION_BYTES')
  })
})

describe('what is known of the default tracks', () => {
  it('comes with the first frames, and listeners are told when the codec becomes known or changes', () => {
    const rig = new StreamRig()
    let told = 0
    const stop = rig.stream.onTrackChange(() => told++)
    const publication = rig.publish()
    expect(rig.stream.state).toMatchObject({ video: null, audio: null })
    publication.write('video', 0, tagBody.avcHeader())
    expect(rig.stream.state.video).toMatchObject({ codec: 'avc', fourCc: null })
    publication.write('video', 0, tagBody.keyframe())
    publication.write('video', 40, tagBody.avcHeader(2))
    expect(told).toBe(1)
    publication.write('video', 80, hex('d1 00')) // a command has no codec
    expect(told).toBe(1)
    publication.write('video', 80, hex(`91 ${hvc1} 000000 aa`))
    publication.write('audio', 80, hex(`91 ${opus} aa`))
    expect(rig.stream.state).toMatchObject({
      video: { codec: 'hevc', fourCc: 'hvc1' },
      audio: { codec: 'opus', fourCc: 'Opus' },
    })
    expect(told).toBe(3)
    publication.write('video', 80, hex(`96 01 ${av01} 01 bb`)) // not of a default track
    publication.end(endReason())
    stop()
    rig.publish('p2').write('video', 0, tagBody.avcHeader(3))
    expect(told).toBe(3)
  })
})
