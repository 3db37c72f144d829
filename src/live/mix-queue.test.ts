import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Frame } from './frame.ts'
import { MAX_MIXED_FRAMES, MixQueue } from './mix-queue.ts'
import { frame } from './testing/frames.ts'
import { wordOf } from './testing/letter-format.ts'

function mix(frames: readonly Frame[], flush = true): string {
  const words: string[] = []
  const queue = new MixQueue((each) => words.push(wordOf(each).trim()))
  for (const each of frames) {
    queue.push(each)
  }
  if (flush) {
    queue.flush()
  }
  return words.join(' ')
}

describe('a mix queue', () => {
  it('puts audio and video in the order of their times', () => {
    const frames = [frame.key(40), frame.audio(0), frame.audio(23), frame.inter(80), frame.audio(46)]
    expect(mix(frames)).toBe('a0 a23 K40 a46 v80')
  })

  it('holds a frame back only until one of the other kind has come', () => {
    expect(mix([frame.key(0)], false)).toBe('')
    expect(mix([frame.key(0), frame.audio(10)], false)).toBe('K0')
    expect(mix([frame.key(0), frame.audio(10), frame.inter(40)], false)).toBe('K0 a10')
  })

  it('gives data its place, and does not take it for the other kind', () => {
    const frames = [frame.key(40), frame.data(20), frame.data(50), frame.audio(10), frame.audio(60)]
    expect(mix(frames.slice(0, 3), false)).toBe('')
    expect(mix(frames)).toBe('a10 m20 K40 m50 a60')
  })

  it('goes on with one kind alone, MAX_MIXED_FRAMES later', () => {
    const frames = Array.from({ length: 2 * MAX_MIXED_FRAMES }, (_, i) => frame.audio(i))
    const words = mix(frames, false).split(' ')
    expect(words).toEqual(frames.slice(0, MAX_MIXED_FRAMES + 1).map((each) => wordOf(each).trim()))
  })

  it('leaves frames of the same time as they came, and sequence headers before their frames', () => {
    const frames = [frame.videoHeader(0), frame.audioHeader(0), frame.key(0), frame.audio(0), frame.inter(0)]
    expect(mix(frames)).toBe('V0 A0 K0 a0 v0')
  })

  it('loses and doubles nothing, keeps each kind in order, and holds fewer than MAX_MIXED_FRAMES back', () => {
    const steps = fc.array(
      fc.record({ video: fc.boolean(), step: fc.nat({ max: 100 }), run: fc.integer({ min: 1, max: 8 }) }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(steps, (list) => {
        const times = { audio: 0, video: 0 }
        const frames: Frame[] = []
        for (const { video, step, run } of list) {
          for (let i = 0; i < run; i++) {
            const kind = video ? 'video' : 'audio'
            times[kind] += step
            frames.push(video ? frame.inter(times.video) : frame.audio(times.audio))
          }
        }
        const out: Frame[] = []
        let held = 0
        const queue = new MixQueue((each) => out.push(each))
        for (const [i, each] of frames.entries()) {
          queue.push(each)
          held = Math.max(held, i + 1 - out.length)
        }
        queue.flush()
        expect(held).toBeLessThan(MAX_MIXED_FRAMES)
        expect(new Set(out)).toEqual(new Set(frames))
        expect(out).toHaveLength(frames.length)
        for (const kind of ['audio', 'video']) {
          expect(out.filter((each) => each.kind === kind)).toEqual(
            frames.filter((each) => each.kind === kind),
          )
        }
      }),
    )
  })

  it('is in order throughout where the two come by turns', () => {
    const steps = fc.array(fc.nat({ max: 100 }), { maxLength: 50 })
    fc.assert(
      fc.property(steps, fc.nat({ max: 400 }), (list, apart) => {
        const out: number[] = []
        const queue = new MixQueue((each) => out.push(each.timestamp))
        let time = 0
        for (const step of list) {
          time += step
          queue.push(frame.audio(time))
          queue.push(frame.inter(time + apart))
        }
        expect(out).toEqual(out.toSorted((a, b) => a - b))
      }),
    )
  })
})
