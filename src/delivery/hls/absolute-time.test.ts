import { describe, expect, it } from 'vitest'
import { ALL_HEADERS, audioHeader, steady } from '../../../test/support/hls.ts'
import type { Frame } from '../../live/index.ts'
import { HlsSegmenter } from './hls-segmenter.ts'

const end = { code: 'unpublished', message: 'over' } as const

/** The segments that one server makes of a stream that it meets with its first frame at or after `from`, ms. */
function cut(frames: readonly Frame[], from: number, fragmentMs = 2000): Map<string, string> {
  const segmenter = new HlsSegmenter({
    name: 's',
    keepsTime: true,
    options: { fragmentMs, windowMs: 100_000 },
  })
  for (const frame of frames) {
    if (frame.sequenceHeader || frame.timestamp >= from) {
      segmenter.onFrame(frame)
    }
  }
  segmenter.onPublishEnd(end)
  const playlist = segmenter.playlist() ?? ''
  const entries = [...playlist.matchAll(/#EXTINF:([\d.]+),\n(.+)/g)]
  return new Map(
    entries.map(([, duration = '', file = '']) => [file, `${duration} ${segmenter.segment(file)?.length}`]),
  )
}

describe('HLS of a stream that keeps absolute time', () => {
  it.each([
    ['with a keyframe in each fragment', [...ALL_HEADERS, ...steady({ to: 30_000, gop: 1000 })]],
    ['whose keyframes are not where fragments end', [...ALL_HEADERS, ...steady({ to: 30_000, gop: 1400 })]],
    ['without video', [audioHeader(), ...steady({ to: 30_000, kinds: ['audio'] })]],
  ])('is cut alike, and numbered alike, wherever it is met: %s', (_, frames) => {
    const first = cut(frames, 0)
    // The slot in which it is met is left out: the rest of it may be elsewhere. The last one is of what there was.
    expect([...first.keys()].slice(0, 3)).toEqual(['s-1.ts', 's-2.ts', 's-3.ts'])
    for (const from of [3100, 7650, 12_000, 14_002]) {
      const later = cut(frames, from)
      expect(later.size).toBeGreaterThan(4)
      for (const [file, segment] of later) {
        expect([file, segment]).toEqual([file, first.get(file)])
      }
    }
  })

  it('goes on with its numbers where keyframes are further apart than fragments, and they never go back', () => {
    const frames = [...ALL_HEADERS, ...steady({ to: 30_000, gop: 5000 })]
    const files = [...cut(frames, 0).keys()]
    expect(files).toEqual(['s-2.ts', 's-3.ts', 's-4.ts', 's-5.ts', 's-6.ts'])
  })
})
