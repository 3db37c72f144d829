import { describe, expect, it } from 'vitest'
import { ms } from '../../base/index.ts'
import { DEFAULT_HLS_OPTIONS, type HlsOptions, resolveHlsOptions } from './options.ts'
import { type HlsSegment, MAX_HELD_SEGMENTS, SegmentWindow } from './segment-window.ts'

type Given = { duration: number; discontinuity?: boolean; bytes?: number }

function segment(sequence: number, given: Given): HlsSegment {
  return {
    sequence,
    fileName: `a-${sequence}.ts`,
    bytes: new Uint8Array(given.bytes ?? 188),
    duration: ms(given.duration),
    discontinuity: given.discontinuity ?? false,
    programDateTime: ms(0),
  }
}

function windowOf(options: Partial<HlsOptions>, segments: Given[], discontinuitySequence = 0): SegmentWindow {
  const window = new SegmentWindow(resolveHlsOptions(options), discontinuitySequence)
  for (const [index, given] of segments.entries()) {
    window.add(segment(index, given))
  }
  return window
}

/** The playlist without the tags that every one has. */
function lines(window: SegmentWindow): string[] {
  const boring = /^(#EXTM3U|#EXT-X-VERSION:3|#EXT-X-PROGRAM-DATE-TIME:.*|)$/
  return (window.playlist() ?? '').split('\n').filter((line) => !boring.test(line))
}

const seconds = (...durations: number[]): Given[] =>
  durations.map((duration) => ({ duration: duration * 1000 }))
const broken: Given = { duration: 2000, discontinuity: true }
const whole: Given = { duration: 2000 }

const cases: {
  name: string
  options?: Partial<HlsOptions>
  segments: Given[]
  head: string[]
  tail: string[]
}[] = [
  {
    name: 'lists what is there while it is less than the window',
    segments: seconds(2, 2.5),
    head: ['#EXT-X-MEDIA-SEQUENCE:0', '#EXT-X-TARGETDURATION:3'],
    tail: ['#EXTINF:2.000,', 'a-0.ts', '#EXTINF:2.500,', 'a-1.ts'],
  },
  {
    name: 'lets segments leave that the window can do without',
    options: { windowMs: 6000 },
    segments: seconds(2, 2, 2, 2, 2),
    head: ['#EXT-X-MEDIA-SEQUENCE:2', '#EXT-X-TARGETDURATION:2'],
    tail: ['#EXTINF:2.000,', 'a-2.ts', '#EXTINF:2.000,', 'a-3.ts', '#EXTINF:2.000,', 'a-4.ts'],
  },
  {
    name: 'keeps three target durations whatever the window says',
    options: { windowMs: 1 },
    segments: seconds(2, 4, 4, 4, 4),
    head: ['#EXT-X-MEDIA-SEQUENCE:2', '#EXT-X-TARGETDURATION:4'],
    tail: ['#EXTINF:4.000,', 'a-2.ts', '#EXTINF:4.000,', 'a-3.ts', '#EXTINF:4.000,', 'a-4.ts'],
  },
  {
    name: 'does not lower the target duration when a long segment has left',
    options: { windowMs: 1 },
    segments: seconds(3.6, 2, 2, 2, 2, 2, 2),
    head: ['#EXT-X-MEDIA-SEQUENCE:1', '#EXT-X-TARGETDURATION:4'],
    tail: [1, 2, 3, 4, 5, 6].flatMap((number) => ['#EXTINF:2.000,', `a-${number}.ts`]),
  },
  {
    name: 'rounds a fraction of a target duration up',
    options: { fragmentMs: 2100 },
    segments: seconds(2.1),
    head: ['#EXT-X-MEDIA-SEQUENCE:0', '#EXT-X-TARGETDURATION:3'],
    tail: ['#EXTINF:2.100,', 'a-0.ts'],
  },
  {
    name: 'counts no discontinuity while its entry is listed, even as the first',
    options: { windowMs: 6000 },
    segments: [whole, broken, whole, whole],
    head: ['#EXT-X-MEDIA-SEQUENCE:1', '#EXT-X-TARGETDURATION:2', '#EXT-X-DISCONTINUITY'],
    tail: ['#EXTINF:2.000,', 'a-1.ts', '#EXTINF:2.000,', 'a-2.ts', '#EXTINF:2.000,', 'a-3.ts'],
  },
  {
    name: 'counts discontinuities whose entries have left',
    options: { windowMs: 6000 },
    segments: [broken, broken, whole, whole, whole],
    head: ['#EXT-X-MEDIA-SEQUENCE:2', '#EXT-X-DISCONTINUITY-SEQUENCE:2', '#EXT-X-TARGETDURATION:2'],
    tail: ['#EXTINF:2.000,', 'a-2.ts', '#EXTINF:2.000,', 'a-3.ts', '#EXTINF:2.000,', 'a-4.ts'],
  },
]

describe('SegmentWindow playlist', () => {
  it.each(cases)('$name', ({ options, segments, head, tail }) => {
    expect(lines(windowOf(options ?? {}, segments))).toEqual([...head, ...tail])
  })

  it('is null before the first segment, also when the stream is over', () => {
    const window = windowOf({}, [])
    expect(window.playlist()).toBeNull()
    window.end()
    expect(window.playlist()).toBeNull()
  })

  it('ends with the stream', () => {
    const window = windowOf({}, [whole])
    expect(window.playlist()).not.toContain('#EXT-X-ENDLIST')
    window.end()
    expect(window.playlist()?.endsWith('a-0.ts\n#EXT-X-ENDLIST\n')).toBe(true)
  })

  it('goes on from a former discontinuity sequence', () => {
    const window = windowOf({ windowMs: 6000 }, [broken, whole, broken], 5)
    expect(window.playlist()).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:5\n')
    expect(window.discontinuities).toBe(7)
    window.add(segment(3, whole))
    expect(window.playlist()).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:6\n')
    expect(window.discontinuities).toBe(7)
  })

  it('is the same string until it changes', () => {
    const window = windowOf({}, [whole])
    expect(window.playlist()).toBe(window.playlist())
  })
})

describe('SegmentWindow retention', () => {
  it('keeps a segment that left for its duration and that of the longest playlist that listed it', () => {
    const window = windowOf({ windowMs: 6000 }, [whole, whole, whole])
    window.add(segment(3, whole)) // a-0 leaves a playlist of 6 s: it stays for 8 s more
    expect(window.playlist()).not.toContain('a-0.ts')
    for (const sequence of [4, 5, 6, 7]) {
      expect(window.find('a-0.ts')).not.toBeNull()
      window.add(segment(sequence, whole))
    }
    expect(window.find('a-0.ts')).not.toBeNull()
    window.add(segment(8, whole))
    expect(window.find('a-0.ts')).toBeNull()
    expect(window.find('a-1.ts')).not.toBeNull()
    expect(window.heldSegments).toBe(8)
    expect(window.heldBytes).toBe(8 * 188)
  })

  it('finds nothing by a name it never had', () => {
    expect(windowOf({}, [whole]).find('b-0.ts')).toBeNull()
  })

  it('drops the oldest over maxHeldBytes, even listed ones, but not the newest', () => {
    const window = windowOf({ maxHeldBytes: 2000 }, [
      { ...broken, bytes: 900 },
      { ...whole, bytes: 900 },
      { ...whole, bytes: 900 },
    ])
    expect(lines(window).slice(0, 2)).toEqual(['#EXT-X-MEDIA-SEQUENCE:1', '#EXT-X-DISCONTINUITY-SEQUENCE:1'])
    expect(window.heldBytes).toBe(1800)
    window.add(segment(3, { ...whole, bytes: 5000 }))
    expect(lines(window).at(-1)).toBe('a-3.ts')
    expect(window.heldBytes).toBe(5000)
    expect(window.heldSegments).toBe(1)
  })

  it('holds no more than MAX_HELD_SEGMENTS, however short they are', () => {
    const given = { duration: 0, bytes: 0 }
    const window = windowOf({}, new Array(MAX_HELD_SEGMENTS + 3).fill(given))
    expect(window.heldSegments).toBe(MAX_HELD_SEGMENTS)
    expect(lines(window)[0]).toBe('#EXT-X-MEDIA-SEQUENCE:3')
  })
})

describe('resolveHlsOptions', () => {
  it('fills in the defaults', () => {
    expect(resolveHlsOptions({})).toEqual(DEFAULT_HLS_OPTIONS)
    expect(resolveHlsOptions({ windowMs: 1 })).toEqual({ ...DEFAULT_HLS_OPTIONS, windowMs: 1 })
  })

  it.each(['fragmentMs', 'windowMs', 'maxSegmentBytes', 'maxHeldBytes'])(
    'refuses a %s that is no size',
    (name) => {
      for (const value of [0, -1, Number.NaN]) {
        expect(() => resolveHlsOptions({ [name]: value })).toThrow(
          expect.objectContaining({ code: 'ERR_CONFIGURATION' }),
        )
      }
    },
  )
})

describe('what the playlist covers', () => {
  it.each([
    [12_000, [2000], 12_000],
    [3000, [2000], 6000],
    [3000, [2000, 9000], 27_000],
  ])('is %i ms with segments of %j ms: %i', (windowMs, durations, covered) => {
    const window = windowOf(
      { windowMs },
      durations.map((duration) => ({ duration })),
    )
    expect(window.windowMs).toBe(covered)
  })
})
