import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AUDIO_FRAMES_WITHOUT_VIDEO, GopCache } from './gop-cache.ts'
import { frame } from './testing/frames.ts'
import { wordOf } from './testing/letter-format.ts'

function words(cache: GopCache): string {
  return cache.frames.map((each) => wordOf(each).trimEnd()).join(' ')
}

describe('a GOP cache', () => {
  it('keeps the newest keyframe and what follows it, audio too', () => {
    const cache = new GopCache()
    for (const each of [frame.audio(0), frame.inter(10), frame.key(40), frame.audio(43), frame.inter(80)]) {
      cache.push(each)
    }
    expect(words(cache)).toBe('K40 a43 v80')
    cache.push(frame.key(120))
    expect(words(cache)).toBe('K120')
    cache.push(frame.audio(125))
    expect(words(cache)).toBe('K120 a125')
  })

  it('leaves sequence headers and metadata out', () => {
    const cache = new GopCache()
    for (const each of [frame.key(0), frame.videoHeader(0), frame.audioHeader(0), frame.data(0)]) {
      cache.push(each)
    }
    expect(words(cache)).toBe('K0')
  })

  it('has nothing after it was cleared, until the next keyframe', () => {
    const cache = new GopCache()
    cache.push(frame.key(0))
    cache.clear()
    cache.push(frame.inter(40))
    cache.push(frame.audio(45))
    expect(words(cache)).toBe('')
    cache.push(frame.key(80))
    expect(words(cache)).toBe('K80')
  })

  it('gives a GOP up that has more than maxFrames frames', () => {
    const cache = new GopCache(3)
    cache.push(frame.key(0))
    cache.push(frame.inter(40))
    cache.push(frame.inter(80))
    expect(words(cache)).toBe('K0 v40 v80')
    cache.push(frame.inter(120))
    expect(words(cache)).toBe('')
    cache.push(frame.inter(160))
    expect(words(cache)).toBe('')
    cache.push(frame.key(200))
    expect(words(cache)).toBe('K200')
  })

  it('gives a GOP up that has more than maxBytes bytes', () => {
    const cache = new GopCache(100, 250)
    const body = new Uint8Array(100)
    cache.push(frame.key(0, { body }))
    cache.push(frame.inter(40, { body }))
    cache.push(frame.audio(45, { body: body.subarray(50) }))
    expect(cache.frames).toHaveLength(3)
    cache.push(frame.inter(80, { body: Uint8Array.of(1) }))
    expect(cache.frames).toHaveLength(0)
    cache.push(frame.key(120, { body }))
    expect(cache.frames).toHaveLength(1)
  })

  it('lets the old picture go when only audio comes', () => {
    const cache = new GopCache()
    cache.push(frame.key(0))
    for (let i = 0; i < AUDIO_FRAMES_WITHOUT_VIDEO; i++) {
      cache.push(frame.audio(i))
    }
    expect(cache.frames).toHaveLength(1 + AUDIO_FRAMES_WITHOUT_VIDEO)
    cache.push(frame.inter(40))
    for (let i = 0; i < AUDIO_FRAMES_WITHOUT_VIDEO; i++) {
      cache.push(frame.audio(100 + i))
    }
    expect(cache.frames[0]?.keyframe).toBe(true)
    cache.push(frame.audio(300))
    expect(cache.frames).toHaveLength(0)
  })

  it('is empty or begins with its only keyframe, and stays within its limits, whatever comes', () => {
    const kinds = [frame.key, frame.inter, frame.audio, frame.videoHeader, frame.audioHeader, frame.data]
    const made = fc.tuple(fc.constantFrom(...kinds), fc.nat({ max: 60 }))
    fc.assert(
      fc.property(fc.array(made, { maxLength: 60 }), (list) => {
        const cache = new GopCache(10, 200)
        for (const [make, bytes] of list) {
          cache.push(make(0, { body: new Uint8Array(bytes) }))
          const { frames } = cache
          expect(frames.length).toBeLessThanOrEqual(10)
          expect(frames.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThanOrEqual(200)
          expect(frames.filter(({ keyframe }) => keyframe)).toHaveLength(Math.min(frames.length, 1))
          expect(frames[0]?.keyframe ?? true).toBe(true)
          expect(frames.some((each) => each.sequenceHeader || each.kind === 'data')).toBe(false)
        }
      }),
    )
  })
})
