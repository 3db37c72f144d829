import { describe, expect, it } from 'vitest'
import { MediaProbe } from './media-probe.ts'
import { AUDIO_FRAME, AUDIO_SEQUENCE_HEADER } from './synthetic-audio.ts'
import { SyntheticMedia } from './synthetic-stream.ts'
import { VIDEO_SEQUENCE_HEADER } from './synthetic-video.ts'

const media = new SyntheticMedia({ bitrate: 300_000, framesPerSecond: 25, gopFrames: 10, audio: true })
const STALL_MS = 200

function setup(): { probe: MediaProbe; latencies: number[] } {
  const latencies: number[] = []
  const probe = new MediaProbe({
    stream: 'demo',
    stallMs: STALL_MS,
    onLatency: (latencyMs) => latencies.push(latencyMs),
  })
  return { probe, latencies }
}

describe('a probe', () => {
  it('measures from the stamp to the read, and leaves out what was sent before the player asked', () => {
    const { probe, latencies } = setup()
    probe.onAsked(1000)
    probe.onMedia('video', 0, media.videoBody(0, 999), 1005)
    probe.onMedia('video', 40, media.videoBody(1, 1040), 1043)
    probe.onMedia('video', 80, media.videoBody(2, 1080), 1087)
    expect(latencies.map(Math.round)).toEqual([3, 7])
    expect(probe.report).toMatchObject({ videoFrames: 3, framesMissing: 0, dtsViolations: 0 })
    expect(probe.report.latency).toMatchObject({ count: 2 })
    expect(probe.report.latency?.max).toBeCloseTo(7)
  })

  it('takes no latency from the clock of another machine', () => {
    const { probe, latencies } = setup()
    probe.onMedia('video', 0, media.videoBody(0, 5000), 1000)
    probe.onMedia('video', 40, media.videoBody(1, 0), 1_000_000_000)
    expect(latencies).toEqual([])
    expect(probe.report.latency).toBeNull()
  })

  it('counts frames, and neither sequence headers nor data nor empty bodies', () => {
    const { probe } = setup()
    probe.onMedia('data', 0, Uint8Array.of(2), 0)
    probe.onMedia('video', 0, VIDEO_SEQUENCE_HEADER, 0)
    probe.onMedia('audio', 0, AUDIO_SEQUENCE_HEADER, 0)
    probe.onMedia('audio', 0, new Uint8Array(0), 0)
    expect(probe.report).toMatchObject({ videoFrames: 0, audioFrames: 0 })
    probe.onMedia('audio', 0, AUDIO_FRAME, 0)
    probe.onMedia('video', 0, media.videoBody(0, 0), 0)
    expect(probe.report).toMatchObject({ stream: 'demo', videoFrames: 1, audioFrames: 1 })
  })

  it('forgets its largest gap when it is told to, and finds the next', () => {
    const { probe } = setup()
    const readAt = [0, 300, 340, 430]
    const gaps = readAt.map((nowMs, index) => {
      if (index === 2) {
        probe.forgetGaps()
      }
      probe.onMedia('video', index * 40, media.videoBody(index, nowMs), nowMs)
      return probe.report.largestGapMs
    })
    expect(gaps).toEqual([0, 300, 40, 90])
    expect(probe.report.stalls).toBe(1)
  })

  it('sees time go back within a kind, not between kinds, and not where 32 bits wrap', () => {
    const { probe } = setup()
    const video = (timestampMs: number): void => probe.onMedia('video', timestampMs, media.videoBody(0, 0), 0)
    const audio = (timestampMs: number): void => probe.onMedia('audio', timestampMs, AUDIO_FRAME, 0)
    video(2 ** 32 - 80)
    audio(2 ** 32 - 100)
    video(2 ** 32 - 40)
    video(0)
    video(0)
    audio(5)
    expect(probe.report.dtsViolations).toBe(0)
    video(2 ** 32 - 1)
    audio(4)
    expect(probe.report.dtsViolations).toBe(2)
  })

  it('counts stamped frames that are left out, and takes a step back for a new publisher', () => {
    const { probe } = setup()
    for (const frame of [5, 6, 9, 0, 1, 3]) {
      probe.onMedia('video', 0, media.videoBody(frame, 0), 0)
    }
    expect(probe.report.framesMissing).toBe(3)
  })

  it('measures gaps between video frames, and those of audio where there is no video', () => {
    const { probe } = setup()
    probe.onMedia('audio', 0, AUDIO_FRAME, 1000)
    probe.onMedia('audio', 20, AUDIO_FRAME, 1300)
    expect(probe.report).toMatchObject({ largestGapMs: 300, stalls: 1 })
    probe.onMedia('video', 0, media.videoBody(0, 0), 1300)
    probe.onMedia('video', 0, media.videoBody(1, 0), 1300 + STALL_MS)
    probe.onMedia('video', 0, media.videoBody(2, 0), 1510)
    expect(probe.report).toMatchObject({ largestGapMs: 200, stalls: 0 })
    probe.end(2000)
    expect(probe.report).toMatchObject({ largestGapMs: 490, stalls: 1 })
  })
})
