import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_INTERLEAVING_MS } from './clock-reading.ts'
import { defaultTimeOptions, type TimeOptions } from './time-options.ts'
import { Timeline } from './timeline.ts'

type Kind = 'audio' | 'video'

const TWO_TO_32 = 2 ** 32

function timeline(options: Partial<TimeOptions>): Timeline {
  return new Timeline({ ...defaultTimeOptions, ...options })
}

describe.each([
  ['timeJitter off', { timeJitter: 'off' }],
  ['atc', { atc: true }],
] as const)('a timeline with %s', (_name, options) => {
  it('keeps the publisher’s time, jumps and wraps included, and counts on', () => {
    const kept = timeline(options)
    const times = [5_000_000, 5_000_040, 9_000_000, TWO_TO_32 - 20, 20, 3_000_000]
    expect(times.map((time) => kept.place('video', time))).toEqual([
      5_000_000,
      5_000_040,
      9_000_000,
      TWO_TO_32 - 20,
      TWO_TO_32 + 20,
      TWO_TO_32 + 3_000_000,
    ])
  })

  it('goes the rest of the way round where the publisher goes back', () => {
    const kept = timeline(options)
    expect(kept.place('video', 5_000_000)).toBe(5_000_000)
    expect(kept.place('video', 0)).toBe(TWO_TO_32)
    expect(kept.place('video', 40)).toBe(TWO_TO_32 + 40)
  })

  it('stands still for a step back that may be disorder', () => {
    const kept = timeline(options)
    kept.place('video', 5_000)
    expect(kept.place('video', 5_000 - MAX_INTERLEAVING_MS)).toBe(5_000)
    expect(kept.place('video', 5_040)).toBe(5_040)
  })

  it('lets audio and video start apart, and be sent behind each other over a wrap', () => {
    const kept = timeline(options)
    expect(kept.place('video', TWO_TO_32 - 100)).toBe(TWO_TO_32 - 100)
    expect(kept.place('audio', TWO_TO_32 - 3_000)).toBe(TWO_TO_32 - 3_000)
    expect(kept.place('video', 100)).toBe(TWO_TO_32 + 100)
    expect(kept.place('audio', TWO_TO_32 - 50)).toBe(TWO_TO_32 - 50)
    expect(kept.place('audio', 50)).toBe(TWO_TO_32 + 50)
  })

  it('takes the other kind’s frames from before a step back for what they are, and the two stay together', () => {
    const kept = timeline(options)
    kept.place('video', 5_000_000)
    kept.place('audio', 5_000_000)
    expect(kept.place('video', 0)).toBe(TWO_TO_32)
    expect(kept.place('audio', 5_000_020)).toBe(5_000_020)
    expect(kept.place('audio', 20)).toBe(TWO_TO_32 + 20)
    expect(kept.place('video', 40)).toBe(TWO_TO_32 + 40)
  })

  it('puts a kind that starts too far behind the other the rest of the way round, and the other follows', () => {
    const kept = timeline(options)
    kept.place('video', 5_000_000)
    const header = kept.placeUntimed('audio')
    const audio = kept.place('audio', 1_000)
    expect(audio).toBe(TWO_TO_32 + 1_000)
    expect(audio).toBeGreaterThan(header)
    kept.place('video', 5_000_000 + MAX_INTERLEAVING_MS)
    expect(kept.place('video', 5_000_040 + MAX_INTERLEAVING_MS)).toBe(
      TWO_TO_32 + 5_000_040 + MAX_INTERLEAVING_MS,
    )
    expect(kept.place('audio', 1_020)).toBe(TWO_TO_32 + 1_020)
  })

  it('has the other kind follow after MAX_INTERLEAVING_MS where only one goes back', () => {
    const kept = timeline(options)
    kept.place('video', 5_000_000)
    kept.place('audio', 5_000_000)
    kept.place('video', 4_000_000)
    expect(kept.place('audio', 5_000_000 + MAX_INTERLEAVING_MS)).toBe(5_000_000 + MAX_INTERLEAVING_MS)
    expect(kept.place('audio', 5_000_020 + MAX_INTERLEAVING_MS)).toBe(
      TWO_TO_32 + 5_000_020 + MAX_INTERLEAVING_MS,
    )
    expect(kept.place('video', 4_000_040)).toBe(TWO_TO_32 + 4_000_040)
  })

  it('keeps the time when a publisher returns: later, earlier, or from 0 on', () => {
    const kept = timeline(options)
    kept.place('video', 5_000_000)
    kept.restart()
    expect(kept.place('audio', 6_000_000)).toBe(6_000_000)
    kept.restart()
    expect(kept.place('video', 5_999_000)).toBe(5_999_000)
    expect(kept.place('video', 6_000_040)).toBe(6_000_040)
    kept.restart()
    expect(kept.place('video', 0)).toBe(TWO_TO_32)
  })

  it('stands still where a kind begins before its header was: the other came back earlier, and it is sent behind that', () => {
    const kept = timeline(options)
    kept.place('audio', 1_000 + MAX_INTERLEAVING_MS)
    kept.restart()
    expect(kept.placeUntimed('video')).toBe(1_000)
    expect(kept.place('audio', 1_100)).toBe(1_000 + MAX_INTERLEAVING_MS)
    expect(kept.place('video', 100)).toBe(1_000)
    expect(kept.place('video', 1_040)).toBe(1_040)
  })

  it('gives every frame of a kind that does not step back a little the publisher’s time, modulo 2^32', () => {
    const anyStep = fc.oneof(
      fc.nat({ max: 10_000 }),
      fc.nat({ max: TWO_TO_32 - MAX_INTERLEAVING_MS - 1 }),
      fc.constant(0),
    )
    const frames = fc.array(
      fc.record({ kind: fc.constantFrom<Kind>('audio', 'video'), step: anyStep, restart: fc.boolean() }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(fc.nat({ max: TWO_TO_32 - 1 }), fc.boolean(), frames, (start, alone, list) => {
        const kept = timeline(options)
        let time = start
        const last = { audio: -1, video: -1 }
        for (const { kind, step, restart } of list) {
          time = (time + step) % TWO_TO_32
          if (restart && alone) {
            kept.restart()
          }
          const of = alone ? 'video' : kind
          const position = kept.place(of, time)
          if (position !== last[of]) {
            expect(position % TWO_TO_32).toBe(time)
          } else if (alone) {
            expect(step).toBe(last[of] < 0 ? step : 0)
          }
          last[of] = position
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is the same time for RTMP, FLV and MPEG-TS, whichever way round', () => {
    // 90 kHz ticks have 33 bits: 90 times 2^32 is a multiple of 2^33.
    expect((90n * 2n ** 32n) % 2n ** 33n).toBe(0n)
  })
})

describe('a timeline with timeJitter zero', () => {
  it('begins at 0, and keeps the jumps', () => {
    const kept = timeline({ timeJitter: 'zero' })
    const times = [5_000_000, 5_000_040, 9_000_000, 20]
    expect(times.map((time) => kept.place('video', time))).toEqual([
      0,
      40,
      4_000_000,
      TWO_TO_32 - 5_000_000 + 20,
    ])
  })

  it('takes the first frame of any kind for 0, and what was before it, too', () => {
    const kept = timeline({ timeJitter: 'zero' })
    expect(kept.place('audio', 1_000)).toBe(0)
    expect(kept.place('video', 990)).toBe(0)
    expect(kept.place('video', 1_030)).toBe(30)
    expect(kept.place('audio', 1_023)).toBe(23)
  })

  it('continues right behind when a publisher returns', () => {
    const kept = timeline({ timeJitter: 'zero' })
    kept.place('video', 5_000)
    kept.place('video', 5_040)
    kept.restart()
    expect(kept.place('video', 777)).toBe(80)
    expect(kept.place('audio', 790)).toBe(93)
  })
})

describe('a timeline told to keep the absolute time', () => {
  it('does so for the present publisher, without going back', () => {
    const kept = timeline({ atcAuto: true })
    expect(kept.place('video', 5_000)).toBe(5_000)
    expect(kept.place('video', 90_000)).toBe(5_010)
    kept.keepAbsoluteTime()
    kept.keepAbsoluteTime()
    expect(kept.place('video', 90_040)).toBe(90_040)
    expect(kept.place('video', 200_000)).toBe(200_000)
    kept.restart()
    expect(kept.place('video', 0)).toBeLessThan(200_200)
  })

  it('goes the rest of the way round if it has to', () => {
    const kept = timeline({ atcAuto: true })
    kept.place('video', 5_000_000)
    kept.restart()
    kept.keepAbsoluteTime()
    expect(kept.place('video', 1_000)).toBe(TWO_TO_32 + 1_000)
  })
})
