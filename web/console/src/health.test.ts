import { describe, expect, it } from 'vitest'
import { FakeApi } from '../testing/fake-api.ts'
import type { ConsoleStream, StreamHealth, VideoHealth } from './api/answers.ts'
import { findFaults, verdict } from './health.ts'

const [stream] = new FakeApi({ streams: 1 }).streams() as [ConsoleStream]
const WELL: StreamHealth = {
  silent_ms: 20,
  damaged: 0,
  video: {
    frame_rate: 30,
    bit_rate: 3_000_000,
    jitter_ms: 8,
    keyframe_interval_ms: 2000,
    since_keyframe_ms: 1000,
  },
  audio: { frame_rate: 46.9, bit_rate: 128_000, jitter_ms: 3 },
  skew_ms: 15,
}

function withHealth(health: Partial<StreamHealth>): ConsoleStream {
  return { ...stream, health: { ...WELL, ...health } }
}

function withVideo(video: Partial<VideoHealth>): ConsoleStream {
  return withHealth({ video: { ...(WELL.video as VideoHealth), ...video } })
}

describe('what is said of a publisher', () => {
  it('is that it does well, if nothing is wrong', () => {
    expect(findFaults(withHealth({}))).toEqual([])
    expect(verdict(withHealth({}))).toMatchObject({ level: 'good', short: 'good' })
  })

  it('is nothing as long as nothing can be told', () => {
    const unknown = { frame_rate: null, keyframe_interval_ms: null, since_keyframe_ms: null }
    expect(findFaults(withVideo(unknown))).toEqual([])
    expect(findFaults(withHealth({ skew_ms: null, video: null, audio: null }))).toEqual([])
    expect(findFaults({ ...stream, health: null })).toEqual([])
  })

  it.each([
    [withVideo({ keyframe_interval_ms: 10_000 }), 'bad', 'keyframes every 10 s', 'players wait long'],
    [withVideo({ keyframe_interval_ms: 6_000 }), 'warn', 'keyframes every 6 s', 'Set 2 s in the encoder'],
    [withVideo({ since_keyframe_ms: 12_000 }), 'bad', 'keyframes every 12 s', 'HLS segments'],
    [withVideo({ frame_rate: 0 }), 'bad', 'no picture', 'the picture stands still'],
    [withVideo({ frame_rate: 8.4 }), 'warn', '8.4 fps', 'the encoder is overloaded'],
    [withVideo({ jitter_ms: 240 }), 'warn', 'jitter 240 ms', "Look at the publisher's network"],
    [withVideo({ jitter_ms: 900 }), 'bad', 'jitter 900 ms', 'players with a short buffer stutter'],
    [withHealth({ skew_ms: 310 }), 'warn', 'sound 310 ms late', '310 ms behind the picture'],
    [withHealth({ skew_ms: -1_200 }), 'bad', 'sound 1.2 s early', '1.2 s ahead of the picture'],
    [withHealth({ damaged: 17 }), 'warn', '17 damaged', '17 messages could not be understood'],
  ] as const)(
    'of one fault is a word for tables and a sentence that says what it means: %#',
    (faulty, level, short, long) => {
      const [fault, ...more] = findFaults(faulty)
      expect(more).toEqual([])
      expect(fault).toMatchObject({ level, short })
      expect(fault?.long).toContain(long)
    },
  )

  it('begins with the worst', () => {
    const faults = findFaults({ ...withHealth({ damaged: 1, skew_ms: 500 }) })
    expect(faults.map(({ level }) => level)).toEqual(['bad', 'warn'])
  })

  it('is silence alone, from which all else follows', () => {
    const faults = findFaults(withHealth({ silent_ms: 4_500, skew_ms: 900, damaged: 4 }))
    expect(faults).toMatchObject([{ level: 'bad', short: 'silent for 4.5 s' }])
  })

  it('is nothing without a publisher', () => {
    const idle = { ...withHealth({ skew_ms: 900 }), publish: { active: false, cid: null } }
    expect(findFaults(idle)).toEqual([])
    expect(verdict(idle)).toMatchObject({ level: 'idle', short: 'no publisher' })
  })
})
