import { describe, expect, it } from 'vitest'
import { ms } from '../../base/index.ts'
import { FrameTimes, MIN_GAP_MS } from './frame-times.ts'

type Note = [kind: 'audio' | 'video', timestamp: number, duration: number | null]

function timesOf(...notes: Note[]): FrameTimes {
  const times = new FrameTimes()
  for (const [kind, timestamp, duration] of notes) {
    times.note(kind, ms(timestamp), duration)
  }
  return times
}

const ends: { name: string; notes: Note[]; end: number }[] = [
  { name: 'nothing', notes: [], end: 0 },
  { name: 'a first picture, by what is usual', notes: [['video', 1000, null]], end: 1040 },
  {
    name: 'pictures, by their last step',
    notes: [
      ['video', 0, null],
      ['video', 40, null],
      ['video', 60, null],
    ],
    end: 80,
  },
  { name: 'audio, by its own duration', notes: [['audio', 1000, 1024 / 44.1]], end: 1023 },
  {
    name: 'whatever sounds or shows longer',
    notes: [
      ['audio', 1000, 100],
      ['video', 990, null],
    ],
    end: 1100,
  },
  {
    name: 'two pictures at the same time',
    notes: [
      ['video', 0, null],
      ['video', 20, null],
      ['video', 20, null],
    ],
    end: 40,
  },
]

describe('FrameTimes', () => {
  it.each(ends)('puts the end after $name', ({ notes, end }) => {
    expect(timesOf(...notes).end).toBe(end)
  })

  it('sees a gap behind the latest frame of any kind', () => {
    expect(timesOf().isGap(ms(1e9))).toBe(false)
    const times = timesOf(['video', 0, null], ['audio', 1000, null])
    expect(times.isGap(ms(1000 + MIN_GAP_MS))).toBe(false)
    expect(times.isGap(ms(1001 + MIN_GAP_MS))).toBe(true)
    expect(times.isGap(ms(-1e9))).toBe(false)
  })

  it('takes a gap that comes again for the distance of frames', () => {
    const times = timesOf(['video', 0, null])
    expect(times.isGap(ms(5000))).toBe(true)
    times.restartAfterGap('video', ms(5000))
    expect(times.last('video')).toBeNull()
    times.note('video', ms(5000), null)
    expect(times.isGap(ms(10_000))).toBe(false)
    // The hole is not taken for the picture's duration.
    expect(times.end).toBe(5040)
    times.note('video', ms(5040), null)
    expect(times.isGap(ms(10_041))).toBe(true)
  })

  it('forgets the frames of a run that is over', () => {
    const times = timesOf(['video', 100, null], ['audio', 100, null])
    times.restart()
    expect(times.isGap(ms(1e9))).toBe(false)
    expect(times.end).toBe(0)
    expect([times.last('audio'), times.last('video')]).toEqual([null, null])
  })
})
