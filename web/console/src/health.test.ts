import { describe, expect, it } from 'vitest'
import { FakeApi } from '../testing/fake-api.ts'
import type { ConsoleStream, StreamHealth } from './api/answers.ts'
import { findFaults, verdict } from './health.ts'

const [stream] = new FakeApi({ streams: 1 }).streams() as [ConsoleStream]
const WELL: StreamHealth = { frame_rate: 30, keyframe_interval_ms: 2000, jitter_ms: 8, av_skew_ms: -15 }

function withHealth(health: Partial<StreamHealth>): ConsoleStream {
  return { ...stream, health: { ...WELL, ...health } }
}

describe('what is said of a publisher', () => {
  it('is that it does well, if nothing is wrong', () => {
    expect(findFaults(withHealth({}))).toEqual([])
    expect(verdict(withHealth({}))).toMatchObject({ level: 'good', short: 'good' })
  })

  it('is nothing as long as nothing can be told', () => {
    const unknown = { frame_rate: null, keyframe_interval_ms: null, jitter_ms: null, av_skew_ms: null }
    expect(findFaults(withHealth(unknown))).toEqual([])
    expect(findFaults({ ...stream, health: null })).toEqual([])
  })

  it.each([
    [{ keyframe_interval_ms: 10_000 }, 'bad', 'keyframes every 10 s', 'players wait long for a picture'],
    [{ keyframe_interval_ms: 6_000 }, 'warn', 'keyframes every 6 s', 'Set 2 s in the encoder'],
    [{ frame_rate: 0 }, 'bad', 'no picture', 'the picture stands still'],
    [{ frame_rate: 8.4 }, 'warn', '8.4 fps', 'the encoder is overloaded'],
    [{ jitter_ms: 240 }, 'warn', 'jitter 240 ms', 'Look at the publisher'],
    [{ jitter_ms: 900 }, 'bad', 'jitter 900 ms', 'players with a short buffer stutter'],
    [{ av_skew_ms: -310 }, 'warn', 'sound 310 ms late', '310 ms behind the picture'],
    [{ av_skew_ms: 1_200 }, 'bad', 'sound 1.2 s early', '1.2 s ahead of the picture'],
  ])('of %o is a word for tables and a sentence that says what it means', (health, level, short, long) => {
    const [fault, ...more] = findFaults(withHealth(health))
    expect(more).toEqual([])
    expect(fault).toMatchObject({ level, short })
    expect(fault?.long).toContain(long)
  })

  it('begins with the worst', () => {
    const faults = findFaults(withHealth({ jitter_ms: 240, av_skew_ms: 500, keyframe_interval_ms: 5_000 }))
    expect(faults.map(({ level }) => level)).toEqual(['bad', 'warn', 'warn'])
  })

  it('has nothing about a picture where there is none, and nothing at all without a publisher', () => {
    const broken = withHealth({ frame_rate: 0, keyframe_interval_ms: 20_000 })
    expect(findFaults({ ...broken, video: null })).toEqual([])
    const idle = { ...broken, publish: { active: false, cid: null } }
    expect(findFaults(idle)).toEqual([])
    expect(verdict(idle)).toMatchObject({ level: 'idle', short: 'no publisher' })
  })
})
