import { describe, expect, it } from 'vitest'
import { FakeApi } from '../testing/fake-api.ts'
import type { ConsoleStream, StreamHealth } from './api/answers.ts'
import { findFaults, verdict } from './health.ts'

const [stream] = new FakeApi({ streams: 1 }).streams() as [ConsoleStream]
const WELL: StreamHealth = {
  frame_rate: 30,
  video_kbps: 3000,
  audio_kbps: 128,
  keyframe_interval_ms: 2000,
  since_keyframe_ms: 1000,
  jitter_ms: 8,
  av_skew_ms: -15,
  silent_ms: 20,
  damaged: 0,
}

function withHealth(health: Partial<StreamHealth>): ConsoleStream {
  return { ...stream, health: { ...WELL, ...health } }
}

describe('what is said of a publisher', () => {
  it('is that it does well, if nothing is wrong', () => {
    expect(findFaults(withHealth({}))).toEqual([])
    expect(verdict(withHealth({}))).toMatchObject({ level: 'good', short: 'good' })
  })

  it('is nothing as long as nothing can be told', () => {
    const unknown = {
      frame_rate: null,
      keyframe_interval_ms: null,
      since_keyframe_ms: null,
      jitter_ms: null,
      av_skew_ms: null,
    }
    expect(findFaults(withHealth(unknown))).toEqual([])
    expect(findFaults({ ...stream, health: null })).toEqual([])
  })

  it.each([
    [withHealth({ keyframe_interval_ms: 10_000 }), 'bad', 'keyframes every 10 s', 'players wait long'],
    [withHealth({ keyframe_interval_ms: 6_000 }), 'warn', 'keyframes every 6 s', 'Set 2 s in the encoder'],
    [withHealth({ since_keyframe_ms: 12_000 }), 'bad', 'keyframes every 12 s', 'HLS segments'],
    [withHealth({ frame_rate: 0 }), 'bad', 'no picture', 'the picture stands still'],
    [withHealth({ frame_rate: 8.4 }), 'warn', '8.4 fps', 'the encoder is overloaded'],
    [withHealth({ jitter_ms: 240 }), 'warn', 'jitter 240 ms', "Look at the publisher's network"],
    [withHealth({ jitter_ms: 900 }), 'bad', 'jitter 900 ms', 'players with a short buffer stutter'],
    [withHealth({ av_skew_ms: -310 }), 'warn', 'sound 310 ms late', 'arrives 310 ms after the picture'],
    [withHealth({ av_skew_ms: 1_200 }), 'bad', 'picture 1.2 s late', 'arrives 1.2 s after the sound'],
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
    const faults = findFaults({ ...withHealth({ damaged: 1, av_skew_ms: 500 }) })
    expect(faults.map(({ level }) => level)).toEqual(['bad', 'warn'])
  })

  it('is silence alone, from which all else follows', () => {
    const faults = findFaults(withHealth({ silent_ms: 4_500, av_skew_ms: 900, damaged: 4 }))
    expect(faults).toMatchObject([{ level: 'bad', short: 'silent for 4.5 s' }])
  })

  it('is nothing without a publisher', () => {
    const idle = { ...withHealth({ av_skew_ms: 900 }), publish: { active: false } }
    expect(findFaults(idle)).toEqual([])
    expect(verdict(idle)).toMatchObject({ level: 'idle', short: 'no publisher' })
  })
})
