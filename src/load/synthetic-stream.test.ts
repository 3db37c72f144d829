import { describe, expect, it } from 'vitest'
import { ServerError } from '../base/index.ts'
import {
  AvcNalUnitType,
  avcNalUnitTypeOf,
  decodeAmf0,
  parseAudioSpecificConfig,
  parseAudioTagBody,
  parseAvcDecoderConfigurationRecord,
  parseSequenceParameterSet,
  parseVideoTagBody,
  splitNalUnits,
} from '../media/index.ts'
import { readStamp } from './stamp.ts'
import {
  type StreamShape,
  SyntheticMedia,
  type SyntheticPacket,
  SyntheticStream,
} from './synthetic-stream.ts'

const shape: StreamShape = { bitrate: 500_000, framesPerSecond: 25, gopFrames: 50, audio: true }

/** Messages with bodies of their own. */
function take(stream: SyntheticStream, count: number): SyntheticPacket[] {
  return Array.from({ length: count }, (_, index) => {
    const packet = stream.next(index)
    return { ...packet, body: packet.body.slice() }
  })
}

/** The messages of so many seconds. */
function takeSeconds(media: SyntheticMedia, seconds: number): SyntheticPacket[] {
  const stream = new SyntheticStream(media)
  const packets: SyntheticPacket[] = []
  while (stream.dueMs < seconds * 1000) {
    packets.push(...take(stream, 1))
  }
  return packets
}

describe('the prelude of a synthetic stream', () => {
  it('is metadata and the sequence headers of H.264 and AAC', () => {
    const [data, video, audio] = new SyntheticMedia(shape).prelude()
    expect(decodeAmf0(data?.body ?? new Uint8Array(0)).slice(0, 2)).toEqual(['@setDataFrame', 'onMetaData'])
    const videoBody = video?.body ?? new Uint8Array(0)
    const videoInfo = parseVideoTagBody(videoBody)
    expect(videoInfo).toMatchObject({ codec: 'avc', sequenceHeader: true })
    const record = parseAvcDecoderConfigurationRecord(videoBody.subarray(videoInfo.dataOffset))
    expect(record).toMatchObject({ nalUnitLengthSize: 4, profileIdc: 66, levelIdc: 40 })
    expect(record.pictureParameterSets).toHaveLength(1)
    const [parameterSet = new Uint8Array(0)] = record.sequenceParameterSets
    expect(parseSequenceParameterSet(parameterSet)).toMatchObject({ width: 320, height: 240 })
    const audioBody = audio?.body ?? new Uint8Array(0)
    const audioInfo = parseAudioTagBody(audioBody)
    expect(audioInfo).toMatchObject({ codec: 'aac', sequenceHeader: true })
    expect(parseAudioSpecificConfig(audioBody.subarray(audioInfo.dataOffset))).toMatchObject({
      samplingFrequency: 48_000,
      channelCount: 2,
    })
  })

  it('says nothing of audio where there is none', () => {
    const media = new SyntheticMedia({ ...shape, audio: false })
    expect(media.prelude().map(({ kind }) => kind)).toEqual(['data', 'video'])
    expect(take(new SyntheticStream(media), 100).every(({ kind }) => kind === 'video')).toBe(true)
  })
})

describe('a synthetic stream', () => {
  it('begins with a keyframe and has one every GOP, each frame with a stamp, a picture and filler', () => {
    const packets = take(new SyntheticStream(new SyntheticMedia(shape)), 400)
    expect(packets[0]).toMatchObject({ kind: 'video', keyframe: true, timestampMs: 0 })
    for (const [frame, packet] of packets.filter(({ kind }) => kind === 'video').entries()) {
      const info = parseVideoTagBody(packet.body)
      expect(info).toMatchObject({ codec: 'avc', keyframe: frame % 50 === 0, sequenceHeader: false })
      expect(packet.keyframe).toBe(info.keyframe)
      expect(packet.timestampMs).toBe(frame * 40)
      expect(readStamp(packet.body)).toEqual({ frame, sentMs: packets.indexOf(packet) })
      const units = splitNalUnits(packet.body.subarray(info.dataOffset), 4)
      const slice = info.keyframe ? AvcNalUnitType.idrSlice : AvcNalUnitType.nonIdrSlice
      expect(units.map(avcNalUnitTypeOf)).toEqual([
        AvcNalUnitType.supplementalEnhancementInformation,
        slice,
        AvcNalUnitType.fillerData,
      ])
    }
  })

  it.each([
    [shape],
    [{ ...shape, audio: false }],
    [{ bitrate: 8_000_000, framesPerSecond: 60, gopFrames: 120, audio: true }],
    [{ bitrate: 150_000, framesPerSecond: 10, gopFrames: 17, audio: true }],
    [{ bitrate: 300_000, framesPerSecond: 29.97, gopFrames: 2, audio: true }],
  ])('has the bit rate it is asked for: %j', (wanted) => {
    const gopSeconds = wanted.gopFrames / wanted.framesPerSecond
    const seconds = gopSeconds * Math.ceil(20 / gopSeconds)
    const packets = takeSeconds(new SyntheticMedia(wanted), seconds)
    const bits = packets.reduce((sum, { body }) => sum + body.length * 8, 0)
    expect(bits / seconds / wanted.bitrate).toBeGreaterThan(0.98)
    expect(bits / seconds / wanted.bitrate).toBeLessThan(1.02)
  })

  it('has keyframes larger than the others', () => {
    const packets = take(new SyntheticStream(new SyntheticMedia(shape)), 20)
    const [keyframe, frame] = packets.filter(({ kind }) => kind === 'video')
    expect(keyframe?.body.length).toBeGreaterThan(3 * (frame?.body.length ?? 0))
  })

  it('goes forward in time, and is due by the number of its frames', () => {
    const stream = new SyntheticStream(new SyntheticMedia({ ...shape, framesPerSecond: 30 }))
    const packets = take(stream, 3000)
    const times = packets.map(({ timestampMs }) => timestampMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    const videoFrames = packets.filter(({ kind }) => kind === 'video').length
    const audioFrames = packets.length - videoFrames
    expect(stream.dueMs).toBe(Math.min((videoFrames * 1000) / 30, ((audioFrames + 0.5) * 1024) / 48))
  })

  it('must have room for its frames', () => {
    expect(() => new SyntheticMedia({ ...shape, bitrate: 70_000 })).toThrow(ServerError)
    expect(() => new SyntheticMedia({ ...shape, bitrate: 70_000 })).toThrow('25 frames a second and audio')
  })
})
