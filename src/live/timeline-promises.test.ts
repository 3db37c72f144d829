import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_FORWARD_STEP_MS, MAX_INTERLEAVING_MS } from './clock-reading.ts'
import { defaultTimeOptions, type TimeOptions } from './time-options.ts'
import { MAX_FRAME_STEP_MS, MAX_POSITION_MS, MAX_REORDERING_MS, Timeline } from './timeline.ts'

type Kind = 'audio' | 'video'

const TWO_TO_32 = 2 ** 32

const kinds = fc.constantFrom<Kind>('audio', 'video')

/** Anywhere, and often where something wraps. */
const times = fc.oneof(
  fc.nat({ max: TWO_TO_32 - 1 }),
  fc.nat({ max: 20_000 }),
  fc.nat({ max: 20_000 }).map((back) => TWO_TO_32 - 1 - back),
  fc.nat({ max: 20_000 }).map((around) => 2 ** 31 - 10_000 + around),
)

const anyOptions: fc.Arbitrary<TimeOptions> = fc.record({
  timeJitter: fc.constantFrom('full', 'zero', 'off'),
  mixCorrect: fc.constant(false),
  atc: fc.boolean(),
  atcAuto: fc.boolean(),
})

/** Frames of one shared clock: audio and video, each in order and both there, one sent up to `behind` ms behind the other. */
function stretch(maxStep: number, behind: number) {
  const frame = (kind: fc.Arbitrary<Kind>) =>
    fc.record({ kind, step: fc.nat({ max: maxStep }), behind: fc.nat({ max: behind }) })
  const firstTwo = fc.shuffledSubarray<Kind>(['audio', 'video'], { minLength: 2 })
  return firstTwo.chain((first) =>
    fc
      .tuple(...first.map((kind) => frame(fc.constant(kind))), fc.array(frame(kinds), { maxLength: 40 }))
      .map((parts) => parts.flat()),
  )
}

describe('any timeline', () => {
  const events = fc.array(
    fc.oneof(
      fc.record({ event: kinds, time: times }),
      fc.record({
        event: fc.constantFrom('restart', 'header', 'data', 'show', 'absolute'),
        time: fc.integer({ min: -20_000, max: 20_000 }),
      }),
    ),
    { maxLength: 100 },
  )

  it('never goes back within a kind, and gives out whole numbers up to its last position, whatever comes', () => {
    fc.assert(
      fc.property(anyOptions, events, (options, list) => {
        const timeline = new Timeline(options)
        const last: Record<string, number> = { audio: 0, video: 0, data: 0 }
        const check = (kind: string, position: number): void => {
          expect(Number.isSafeInteger(position)).toBe(true)
          expect(position).toBeLessThanOrEqual(MAX_POSITION_MS)
          expect(position).toBeGreaterThanOrEqual(last[kind] ?? 0)
          last[kind] = position
        }
        for (const { event, time } of list) {
          if (event === 'restart') {
            timeline.restart()
          } else if (event === 'absolute') {
            timeline.keepAbsoluteTime()
          } else if (event === 'show') {
            const picture = timeline.place('video', 1_000)
            check('video', picture)
            timeline.show(picture, time)
          } else if (event === 'data') {
            check('data', timeline.placeUntimed('data'))
          } else if (event === 'header') {
            check('video', timeline.placeUntimed('video'))
            check('audio', timeline.placeUntimed('audio'))
          } else {
            check(event, timeline.place(event as Kind, time))
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  it('stands still at its last position, in ticks of 90 kHz still a whole number that is exact', () => {
    expect(Number.isSafeInteger(MAX_POSITION_MS * 90)).toBe(true)
    const timeline = new Timeline({ ...defaultTimeOptions, timeJitter: 'off' })
    // Each step back is the rest of the way round.
    for (let i = 0; i < 2 * (MAX_POSITION_MS / TWO_TO_32); i++) {
      timeline.place('video', i % 2 === 0 ? 2 ** 31 : 50_000)
    }
    const { newest } = timeline
    expect(newest).toBeLessThanOrEqual(MAX_POSITION_MS)
    expect(newest).toBeGreaterThan(MAX_POSITION_MS - 2 * TWO_TO_32)
    // Closed up from here on: it still goes on, as long as there is room.
    const next = timeline.place('video', 1_000_000)
    expect(timeline.place('video', 1_000_040) - next).toBe(40)
    for (let time = 1_000_040; timeline.newest < MAX_POSITION_MS; time += MAX_FORWARD_STEP_MS) {
      timeline.show(timeline.place('video', time % TWO_TO_32), MAX_REORDERING_MS)
    }
    timeline.restart()
    expect(timeline.placeUntimed('data')).toBe(MAX_POSITION_MS)
    expect(timeline.place('audio', 5_000)).toBe(MAX_POSITION_MS)
  })
})

describe('a timeline that closes jumps up', () => {
  it('never advances by more than a believed step, whatever comes', () => {
    const events = fc.array(fc.record({ kind: fc.oneof(kinds, fc.constant('restart')), time: times }), {
      maxLength: 100,
    })
    fc.assert(
      fc.property(events, (list) => {
        const timeline = new Timeline()
        let started = false
        for (const { kind, time } of list) {
          const before = timeline.newest
          if (kind === 'restart') {
            timeline.restart()
          } else {
            timeline.place(kind as Kind, time)
            const limit = MAX_FORWARD_STEP_MS + MAX_INTERLEAVING_MS
            expect(started && timeline.newest - before > limit).toBe(false)
            started = true
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('has differences equal to the publisher’s on each clean stretch, and audio and video as far apart, after jumps and returns', () => {
    const stretches = fc.array(
      fc.record({ jumpTo: times, returns: fc.boolean(), frames: stretch(2_000, 500) }),
      { minLength: 1, maxLength: 6 },
    )
    fc.assert(
      fc.property(stretches, (list) => {
        const timeline = new Timeline()
        const position = { audio: 0, video: 0 }
        let last: number | null = null
        for (const { jumpTo, returns, frames } of list) {
          if (returns) {
            timeline.restart()
          }
          // A step that is no jump is a clean stretch that goes on.
          const way: number = Math.abs(jumpTo - (last ?? jumpTo)) % 2 ** 31
          const isFar = Math.min(way, 2 ** 31 - way) > MAX_FORWARD_STEP_MS + MAX_INTERLEAVING_MS
          const isJump = returns || isFar
          let now: number = isJump || last === null ? jumpTo : last
          const floor = { audio: now, video: now }
          const end = timeline.newest
          let offset: number | null = null
          for (const { kind, step: forward, behind } of frames) {
            now += offset === null ? 0 : forward
            const time = Math.max(now - behind, floor[kind])
            floor[kind] = time
            const placed = timeline.place(kind, time % TWO_TO_32)
            if (offset === null) {
              offset = placed - time
              // Right behind, and no gap.
              if (last !== null && isJump) {
                expect(placed).toBeGreaterThan(end)
                expect(placed).toBeLessThanOrEqual(end + MAX_FRAME_STEP_MS)
              }
            }
            // Held only where it would go back to before the jump.
            expect(placed).toBe(Math.max(time + offset, position[kind]))
            position[kind] = placed
          }
          last = now % TWO_TO_32
        }
      }),
      { numRuns: 300 },
    )
  })

  it('does not drift on a clean stretch of 100 days, with frames 7 s apart, past 2^31, 2^32 and 2^33', () => {
    const timeline = new Timeline()
    const start = 123_456
    let wrong = 0
    for (let time = start; time < 100 * 86_400_000; time += 7_001) {
      wrong += timeline.place('video', time % TWO_TO_32) === time ? 0 : 1
      wrong += timeline.place('audio', (time + 13) % TWO_TO_32) === time + 13 ? 0 : 1
    }
    expect(timeline.newest).toBeGreaterThan(2 ** 33)
    expect(wrong).toBe(0)
  })

  it('brings audio and video together again where the one that jumped alone jumps back', () => {
    fc.assert(
      fc.property(kinds, fc.integer({ min: 20_000, max: 1_000_000 }), fc.boolean(), (alone, by, forward) => {
        const timeline = new Timeline()
        const other = alone === 'audio' ? 'video' : 'audio'
        let time = 2_000_000
        const both = (shift: number): void => {
          for (let i = 0; i < 50; i++) {
            time += 20
            timeline.place(other, time)
            timeline.place(alone, time + shift)
          }
        }
        both(0)
        both(forward ? by : -by)
        both(0)
        expect(timeline.positionOf(alone)).toBe(timeline.positionOf(other))
        expect(timeline.positionOf(other)).toBe(time)
      }),
    )
  })

  it('continues behind what was decoded and shown, without a gap, each time a publisher returns', () => {
    const returns = fc.array(
      fc.record({
        start: times,
        length: fc.integer({ min: 2, max: 50 }),
        shownLater: fc.nat({ max: MAX_REORDERING_MS }),
      }),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(returns, (list) => {
        const timeline = new Timeline()
        let shown = -1
        for (const { start, length, shownLater } of list) {
          timeline.restart()
          for (let i = 0; i < length; i++) {
            const position = timeline.place('video', (start + i * 40) % TWO_TO_32)
            if (i === 0 && shown >= 0) {
              expect(position).toBeGreaterThan(shown)
              expect(position).toBeLessThanOrEqual(shown + MAX_FRAME_STEP_MS)
            }
            if (i === length - 1) {
              shown = position + timeline.show(position, shownLater)
            }
          }
        }
      }),
    )
  })
})
