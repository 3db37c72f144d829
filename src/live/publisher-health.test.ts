import { describe, expect, it } from 'vitest'
import { ms } from '../base/index.ts'
import type { Frame } from './frame.ts'
import { type PublisherHealth, PublisherMeter, RATE_WINDOW_MS } from './publisher-health.ts'
import { endReason, frame, tagBody } from './testing/frames.ts'
import { StreamRig, writeGop } from './testing/stream-rig.ts'

const START = 1000

/** A meter, and a publisher whose frames come when the test says. */
class MeterRig {
  readonly meter = new PublisherMeter(ms(START))
  now = START

  /** Frames that arrive `after` ms after those before. */
  arrive(after: number, frames: readonly Frame[], lateMs = 0): void {
    this.now += after
    for (const each of frames) {
      this.meter.count(each, ms(this.now), lateMs)
    }
  }

  get health(): PublisherHealth {
    return this.meter.read(ms(this.now))
  }
}

/** `count` pictures, one every `step` ms, of `bytes` each, with a keyframe every `gop`; audio beside each if asked for. */
function publish(
  rig: MeterRig,
  count: number,
  { step = 40, bytes = 1000, gop = 50, from = 0, audio = null as number | null } = {},
): void {
  for (let index = 0; index < count; index++) {
    const at = from + index * step
    const body = tagBody.interFrame(bytes)
    const picture = index % gop === 0 ? frame.key(at, { body }) : frame.inter(at, { body })
    const sound = audio === null ? [] : [frame.audio(at + audio)]
    rig.arrive(at === 0 ? 0 : step, [picture, ...sound])
  }
}

describe("A publisher's health", () => {
  it('has nothing but the time before the first frame', () => {
    const rig = new MeterRig()
    rig.now += 500
    expect(rig.health).toEqual({ silentMs: 500, damaged: 0, video: null, audio: null, skewMs: null })
  })

  it('tells the rates of a steady publisher exactly, whenever one looks', () => {
    const rig = new MeterRig()
    publish(rig, 25)
    expect(rig.health.video).toMatchObject({ frames: 25, frameRate: null, bitRate: null })
    for (let second = 1; second < 20; second++) {
      publish(rig, 25, { from: second * 1000 })
      const { video } = rig.health
      expect(video?.frameRate).toBeCloseTo(25, 5)
      expect(video?.bitRate).toBeCloseTo(25 * 8 * 1000, 1)
    }
  })

  it('tells the same rates of frames that are read several at once', () => {
    const rig = new MeterRig()
    for (let read = 0; read < 200; read++) {
      const frames = [0, 20, 40, 60, 80].map((offset) => frame.inter(read * 100 + offset))
      rig.arrive(100, frames, 100)
    }
    // The first read counts as one frame of five.
    expect(rig.health.video?.frameRate).toBeCloseTo(50, 5)
    expect(rig.health.video?.jitterMs).toBe(0)
  })

  it('follows a publisher that sends fewer frames, within two windows', () => {
    const rig = new MeterRig()
    publish(rig, 500)
    for (let second = 0; second < (2 * RATE_WINDOW_MS) / 1000 + 1; second++) {
      publish(rig, 10, { step: 100, from: 20_000 + second * 1000 })
    }
    expect(rig.health.video?.frameRate).toBeCloseTo(10, 1)
  })

  it('lets the rates fall while nothing comes, to 0', () => {
    const rig = new MeterRig()
    publish(rig, 250)
    rig.now += 2000
    expect(rig.health).toMatchObject({ silentMs: 2000 })
    expect(rig.health.video?.frameRate).toBeLessThan(24)
    rig.now += RATE_WINDOW_MS
    expect(rig.health.video).toMatchObject({ frameRate: 0, bitRate: 0, frames: 250 })
  })

  it('tells the last interval of keyframes, the mean one, and the time since the last', () => {
    const rig = new MeterRig()
    rig.arrive(0, [frame.key(0)])
    expect(rig.health.video).toMatchObject({
      keyframeIntervalMs: null,
      meanKeyframeIntervalMs: null,
      sinceKeyframeMs: 0,
    })
    rig.arrive(2000, [frame.key(2000)])
    rig.arrive(4000, [frame.key(6000), frame.inter(6040)])
    expect(rig.health.video).toMatchObject({
      keyframeIntervalMs: 4000,
      meanKeyframeIntervalMs: 3000,
      sinceKeyframeMs: 40,
    })
  })

  it('has no keyframes where none came', () => {
    const rig = new MeterRig()
    rig.arrive(0, [frame.inter(0)])
    expect(rig.health.video?.sinceKeyframeMs).toBeNull()
  })

  it('tells the jitter of arrival as RFC 3550 reckons it', () => {
    const rig = new MeterRig()
    publish(rig, 100)
    expect(rig.health.video?.jitterMs).toBe(0)
    // Each frame comes 20 ms too late or too early against the one before.
    for (let index = 0; index < 200; index++) {
      rig.arrive(index % 2 === 0 ? 60 : 20, [frame.inter(4000 + index * 40)])
    }
    expect(rig.health.video?.jitterMs).toBeCloseTo(20, 1)
    rig.arrive(40 + 16, [frame.inter(4000 + 200 * 40)])
    expect(rig.health.video?.jitterMs).toBeCloseTo(20 + (16 - 20) / 16, 1)
  })

  it('does not take for jitter what the server itself reads late', () => {
    const rig = new MeterRig()
    for (let index = 0; index < 100; index++) {
      rig.arrive(index % 2 === 0 ? 90 : 10, [frame.inter(index * 50)], 100)
    }
    expect(rig.health.video?.jitterMs).toBe(0)
    rig.arrive(50 + 500, [frame.inter(100 * 50)], 100)
    expect(rig.health.video?.jitterMs).toBeCloseTo((500 - 100) / 16, 5)
  })

  it.each([
    ['together', 0, 0],
    ['sound behind', -300, -300],
    ['sound ahead', 200, 200],
  ])('tells how far audio and video are apart: %s', (_name, audio, skewMs) => {
    const rig = new MeterRig()
    publish(rig, 500, { audio })
    // Between a picture and its audio, the next picture is 40 ms ahead of it.
    expect(Math.abs((rig.health.skewMs ?? Number.NaN) - skewMs)).toBeLessThanOrEqual(40)
  })

  it('keeps audio apart from video', () => {
    const rig = new MeterRig()
    publish(rig, 100, { audio: 0 })
    expect(rig.health.audio).toMatchObject({ frames: 100, bytes: 400 })
    expect(rig.health.audio?.frameRate).toBeCloseTo(25, 5)
    expect(rig.health.video).toMatchObject({ frames: 100, bytes: 100_000 })
  })

  it('counts neither sequence headers nor data nor other tracks', () => {
    const rig = new MeterRig()
    const others = [frame.videoHeader(0), frame.audioHeader(0), frame.data(0), frame.key(0, { trackId: 1 })]
    rig.arrive(100, others)
    expect(rig.health).toMatchObject({ silentMs: 100, video: null, audio: null })
  })
})

describe("A stream's health", () => {
  it('is that of its present publisher, and null without one', () => {
    const rig = new StreamRig()
    expect(rig.stream.health()).toBeNull()
    const first = rig.publish('p1')
    writeGop(first)
    first.write('video', 80, Uint8Array.of(0x17))
    rig.clock.advance(250)
    expect(rig.stream.health()).toMatchObject({
      silentMs: 250,
      damaged: 1,
      video: { frames: 2 },
      audio: { frames: 1 },
    })
    first.end(endReason('bye'))
    expect(rig.stream.health()).toBeNull()
    rig.publish('p2')
    expect(rig.stream.health()).toMatchObject({ silentMs: 0, damaged: 0, video: null })
  })

  it.each([
    ['is that of the publisher', 0, 35],
    ['leaves out what is read late because nobody watches', 100, 0],
  ])('has a jitter that %s', (_name, mayBeLateMs, jitterMs) => {
    const rig = new StreamRig()
    Object.assign(rig.sink, { mayBeLateMs })
    const publication = rig.publish()
    for (let index = 0; index < 200; index++) {
      expect(publication.mayBeLateMs).toBe(mayBeLateMs)
      publication.write('video', index * 40, tagBody.interFrame())
      rig.clock.advance(index % 2 === 0 ? 75 : 5)
    }
    expect(rig.stream.health()?.video?.jitterMs).toBeCloseTo(jitterMs, 2)
  })
})
