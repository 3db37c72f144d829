import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_BACKWARD_STEP_MS, MAX_FORWARD_STEP_MS, MAX_INTERLEAVING_MS } from './clock-reading.ts'
import { MAX_EARLY_PRESENTATION_MS, MAX_REORDERING_MS, Timeline } from './timeline.ts'

type Kind = 'audio' | 'video'

const TWO_TO_32 = 2 ** 32

/** Video of 25 frames a second and audio of 50, from `start`, interleaved, as 32-bit times. */
function cleanClock(start: number, seconds: number): { kind: Kind; time: number; sent: number }[] {
  const frames: { kind: Kind; time: number; sent: number }[] = []
  for (let time = start; time < start + seconds * 1000; time += 20) {
    frames.push({ kind: 'audio', time, sent: time % TWO_TO_32 })
    if ((time - start) % 40 === 0) {
      frames.push({ kind: 'video', time, sent: time % TWO_TO_32 })
    }
  }
  return frames
}

describe('a timeline with a clean clock', () => {
  it.each([
    ['0', 0],
    ['any time', 123_456],
    ['2^24, where RTMP needs extended timestamps', 2 ** 24 - 1000],
    ['2^31, where numbers with a sign end', 2 ** 31 - 1000],
    ['just under 2^32', TWO_TO_32 - 60_000],
  ])('passes it unchanged from %s', (_name, start) => {
    const timeline = new Timeline()
    for (const { kind, time, sent } of cleanClock(start, 2)) {
      expect(timeline.place(kind, sent)).toBe(time)
    }
  })

  it('counts on where 32 bits wrap, each time', () => {
    const timeline = new Timeline()
    const start = TWO_TO_32 - 1000
    for (const { kind, time, sent } of cleanClock(start, 2)) {
      expect(timeline.place(kind, sent)).toBe(time)
    }
    // On to the next wrap, in steps that are just believed.
    let time = start + 2000
    let wrong = 0
    for (; time < 2 * TWO_TO_32 + 20_000; time += MAX_FORWARD_STEP_MS) {
      wrong += timeline.place('video', time % TWO_TO_32) === time ? 0 : 1
    }
    expect(wrong).toBe(0)
  })

  it('counts on where 31 bits wrap, as the clocks of FFmpeg and SRS do, each time', () => {
    const timeline = new Timeline()
    const start = 2 ** 31 - 1000
    for (const { kind, time } of cleanClock(start, 2)) {
      expect(timeline.place(kind, time % 2 ** 31)).toBe(time)
    }
    let wrong = 0
    for (let time = start + 2000; time < 3 * 2 ** 31; time += MAX_FORWARD_STEP_MS) {
      wrong += timeline.place('video', time % 2 ** 31) === time ? 0 : 1
    }
    expect(wrong).toBe(0)
  })

  it('takes audio from just before the time 0 of video as 0', () => {
    const timeline = new Timeline()
    expect(timeline.place('video', 0)).toBe(0)
    expect(timeline.place('audio', TWO_TO_32 - 21)).toBe(0)
    expect(timeline.place('audio', 2)).toBe(2)
  })

  it('lets audio and video be sent behind each other, over a wrap too', () => {
    const timeline = new Timeline()
    const base = TWO_TO_32 - 1000
    const late = base - MAX_INTERLEAVING_MS
    expect(timeline.place('video', base)).toBe(base)
    expect(timeline.place('audio', late)).toBe(late)
    expect(timeline.place('video', 40)).toBe(TWO_TO_32 + 40)
    expect(timeline.place('audio', late + 20)).toBe(late + 20)
    expect(timeline.place('audio', 40)).toBe(TWO_TO_32 + 40)
  })

  it('keeps all distances, whatever the steps, the interleaving and the start', () => {
    const steps = fc.array(
      fc.record({
        kind: fc.constantFrom<Kind>('audio', 'video'),
        step: fc.nat({ max: MAX_FORWARD_STEP_MS - MAX_INTERLEAVING_MS }),
        behind: fc.nat({ max: MAX_INTERLEAVING_MS }),
      }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(fc.nat({ max: TWO_TO_32 - 1 }), steps, (start, frames) => {
        const timeline = new Timeline()
        const floor = { audio: start, video: start }
        let now = start
        expect(timeline.place('video', start)).toBe(start)
        for (const { kind, step, behind } of frames) {
          now += step
          // Each kind's own times never go back.
          const time = Math.max(now - behind, floor[kind])
          floor[kind] = time
          expect(timeline.place(kind, time % TWO_TO_32)).toBe(time)
        }
      }),
    )
  })

  it('takes a pause of the one kind for a pause, if the other shows it', () => {
    const timeline = new Timeline()
    timeline.place('video', 0)
    for (let time = 0; time <= 60_000; time += 20) {
      timeline.place('audio', time)
    }
    expect(timeline.place('video', 60_000)).toBe(60_000)
  })
})

describe('a timeline with a clock that jumps', () => {
  it.each([
    ['forward', 1_000_000 + MAX_FORWARD_STEP_MS + 1],
    ['forward by more than 2^31', (1_000_000 + 2 ** 31 + 20_000) % TWO_TO_32],
    ['forward by 2^30', 1_000_000 + 2 ** 30],
    ['back', 1_000_000 - MAX_INTERLEAVING_MS - 1],
    ['back by little more than disorder', 1_000_000 - MAX_BACKWARD_STEP_MS - 1],
    ['back to 0', 0],
  ])('closes up a jump %s, and keeps audio and video together', (_name, target) => {
    const timeline = new Timeline()
    timeline.place('video', 999_960)
    timeline.place('audio', 999_980)
    timeline.place('video', 1_000_000)
    const position = timeline.place('video', target)
    expect(position).toBe(1_000_040)
    expect(timeline.place('audio', (target + 13) % TWO_TO_32)).toBe(position + 13)
    expect(timeline.place('video', (target + 40) % TWO_TO_32)).toBe(position + 40)
    expect(timeline.place('audio', (target + 36) % TWO_TO_32)).toBe(position + 36)
  })

  it.each([
    ['forward', MAX_FORWARD_STEP_MS],
    ['back', -MAX_BACKWARD_STEP_MS],
    ['back', -MAX_INTERLEAVING_MS],
  ])(
    'keeps audio and video together when both jump %s by about %d ms, to either side of a limit',
    (_name, limit) => {
      for (let around = -60; around <= 60; around++) {
        for (const first of ['audio', 'video'] as const) {
          const second = first === 'audio' ? 'video' : 'audio'
          const timeline = new Timeline()
          timeline.place('video', 50_000)
          timeline.place('audio', 50_020)
          const target = 50_000 + limit + around
          timeline.place(first, target)
          // Held or closed up: later they are as far apart as they were.
          timeline.place(second, target + 15)
          const step = MAX_INTERLEAVING_MS + 100
          const position = timeline.place(first, target + step)
          expect(timeline.place(second, target + step + 15) - position).toBe(15)
        }
      }
    },
  )

  it('holds still for frames in disorder, then goes on as the clock says', () => {
    const timeline = new Timeline()
    const times = [1000, 1080, 1040, 1080 - MAX_BACKWARD_STEP_MS, 1120]
    expect(times.map((time) => timeline.place('video', time))).toEqual([1000, 1080, 1080, 1080, 1120])
  })

  it('is not held still for longer than that by a clock that goes back step by step', () => {
    const timeline = new Timeline()
    const positions: number[] = []
    for (let time = 50_000; time >= 0; time -= 500) {
      positions.push(timeline.place('video', time))
    }
    expect(new Set(positions).size).toBeGreaterThan(positions.length / 4)
  })

  it('goes on at its own pace when a short clip is looped with its timestamps', () => {
    const timeline = new Timeline()
    let last = 0
    for (let round = 0; round < 10; round++) {
      for (let time = 0; time < 2000; time += 40) {
        last = timeline.place('video', time)
      }
    }
    expect(last).toBe(10 * 2000 - 40)
  })

  it.each([200, 700, 1000, 1300, 3000, 9000])(
    'goes on when a clip of %d ms is looped with its timestamps, and audio and video stay together',
    (length) => {
      const timeline = new Timeline()
      const rounds = 30
      for (let round = 0; round < rounds; round++) {
        for (let time = 0; time < length; time += 20) {
          const audio = timeline.place('audio', time)
          if (time % 40 === 0) {
            expect(Math.abs(timeline.place('video', time) - audio)).toBeLessThanOrEqual(MAX_BACKWARD_STEP_MS)
          }
        }
      }
      // A clip shorter than what may be disorder goes on slowly.
      expect(timeline.newest).toBeGreaterThan(
        length > MAX_BACKWARD_STEP_MS ? (rounds * length) / 2 : 2 * length,
      )
      expect(timeline.newest).toBeLessThanOrEqual(rounds * (length + 40))
    },
  )

  it('closes up a loop of audio and video without a gap that either of them can see', () => {
    const timeline = new Timeline()
    const positions: number[] = []
    for (let round = 0; round < 3; round++) {
      // Audio of 23 ms that ends later than the last picture begins.
      for (let time = 0; time < 2000; time += 1) {
        if (time % 40 === 0) {
          positions.push(timeline.place('video', time))
        }
        if (time % 23 === 0) {
          timeline.place('audio', time)
        }
      }
    }
    // The last audio begins at 1978 ms and lasts to 2001.
    expect(positions.filter((position) => position % 2001 === 0)).toEqual([0, 2001, 4002])
  })

  it.each([
    ['a little too far apart', 4_000],
    ['of two different clocks', 1_000_000_000],
  ])('does not run away when audio and video are %s', (_name, apart) => {
    const timeline = new Timeline()
    let last = 0
    for (let time = 0; time < 60_000; time += 40) {
      timeline.place('audio', time + apart)
      last = timeline.place('video', time)
    }
    const first = apart
    expect(last - first).toBeGreaterThan(59_000)
    expect(last - first).toBeLessThan(61_000)
  })
})

describe('a timeline whose publisher returns', () => {
  it.each([0, 7, 5_000, 2 ** 31, TWO_TO_32 - 10])('continues right after the newest from %d', (start) => {
    const timeline = new Timeline()
    timeline.place('video', 80_000)
    timeline.place('audio', 80_020)
    timeline.place('video', 80_040)
    timeline.restart()
    expect(timeline.newest).toBe(80_040)
    const position = timeline.place('audio', start)
    expect(position).toBe(80_080)
    expect(timeline.place('video', (start + 33) % TWO_TO_32)).toBe(position + 33)
    expect(timeline.place('audio', (start + 20) % TWO_TO_32)).toBe(position + 20)
  })

  it('shows no picture before the last one of before, whose B-frames were cut off', () => {
    const timeline = new Timeline()
    timeline.show(timeline.place('video', 40), 120)
    timeline.show(timeline.place('video', 80), 0)
    timeline.restart()
    expect(timeline.place('video', 0)).toBe(160 + 40)
  })

  it('does not believe that a picture is shown later than MAX_REORDERING_MS, or earlier than MAX_EARLY_PRESENTATION_MS', () => {
    const timeline = new Timeline()
    timeline.place('video', 0)
    const position = timeline.place('video', 40)
    expect(timeline.show(position, MAX_REORDERING_MS + 1)).toBe(0)
    expect(timeline.show(position, -MAX_EARLY_PRESENTATION_MS - 1)).toBe(0)
    expect(timeline.show(position, -MAX_EARLY_PRESENTATION_MS)).toBe(-MAX_EARLY_PRESENTATION_MS)
    timeline.restart()
    expect(timeline.newest).toBe(40)
    expect(timeline.show(timeline.place('video', 0), MAX_REORDERING_MS)).toBe(MAX_REORDERING_MS)
    timeline.restart()
    expect(timeline.newest).toBe(80 + MAX_REORDERING_MS)
  })

  it.each(['audio', 'video'] as const)(
    'puts no frame closer to the last of its kind than they were, %s first',
    (kind) => {
      const timeline = new Timeline()
      for (const { kind: each, sent } of cleanClock(0, 1)) {
        timeline.place(each, sent)
      }
      timeline.place('video', 1000)
      timeline.place('audio', 1000)
      timeline.restart()
      // Frames of video are 40 ms apart, those of audio 20 ms.
      expect(timeline.place(kind, 0)).toBe(1040)
      expect(timeline.place(kind === 'audio' ? 'video' : 'audio', 0)).toBe(1040)
    },
  )

  it('keeps audio and video together though the first frames go back', () => {
    const timeline = new Timeline()
    timeline.place('video', 1000)
    timeline.restart()
    const position = timeline.place('audio', 2000)
    // Behind what was published before: held, not shifted.
    expect(timeline.place('video', 0)).toBe(1000)
    expect(timeline.place('video', 2100)).toBe(position + 100)
  })

  it('begins anew where nothing was published before', () => {
    const timeline = new Timeline()
    timeline.restart()
    expect(timeline.newest).toBe(0)
    expect(timeline.place('video', 5000)).toBe(5000)
  })
})

describe('what has no time of its own', () => {
  it('does not make a first frame go back that is sent behind the other kind', () => {
    const timeline = new Timeline()
    timeline.place('audio', 70_000)
    const header = timeline.placeUntimed('video')
    const position = timeline.place('video', 70_000 - MAX_INTERLEAVING_MS)
    expect(position).toBe(70_000 - MAX_INTERLEAVING_MS)
    expect(header).toBeLessThanOrEqual(position)
  })

  it('is placed at the newest frame, of its kind if it is a sequence header, and does not move the clock', () => {
    const timeline = new Timeline()
    expect(timeline.placeUntimed('data')).toBe(0)
    expect(timeline.placeUntimed('video')).toBe(0)
    expect(timeline.place('video', 70_000)).toBe(70_000)
    expect(timeline.place('audio', 70_020)).toBe(70_020)
    expect(timeline.placeUntimed('data')).toBe(70_020)
    expect(timeline.placeUntimed('video')).toBe(70_000)
    expect(timeline.placeUntimed('audio')).toBe(70_020)
    expect(timeline.place('video', 70_010)).toBe(70_010)
    expect(timeline.newest).toBe(70_020)
  })
})
