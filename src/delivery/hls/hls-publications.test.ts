import { describe, expect, it } from 'vitest'
import {
  AAC,
  ALL_HEADERS,
  AVC,
  audioHeader,
  END,
  entries,
  picture,
  programs,
  push,
  segmenterOf,
  shape,
  sound,
  steady,
  tag,
} from '../../../test/support/hls.ts'
import { ClosedError, ms } from '../../base/index.ts'

describe('HlsSegmenter over publications', () => {
  it('lists what there is when the publisher leaves, and goes on behind a discontinuity', () => {
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: 2500 })], { options: { windowMs: 6000 } })
    segmenter.onPublishEnd(END)
    expect(shape(segmenter)).toBe('2000 520')
    // The stream does not repeat headers that are the same.
    push(segmenter, steady({ from: 2510, to: 4510 }))
    segmenter.onPublishEnd(END)
    segmenter.onPublishEnd(END)
    expect(shape(segmenter)).toBe('2000 520 !2003')
    push(segmenter, steady({ from: 4520, to: 8560 }))
    expect(shape(segmenter)).toBe('!2003 !2000 2000')
    expect([tag(segmenter, 'MEDIA-SEQUENCE'), tag(segmenter, 'DISCONTINUITY-SEQUENCE')]).toEqual([2, null])
    push(segmenter, steady({ from: 8560, to: 10_580 }))
    expect(shape(segmenter)).toBe('!2000 2000 2040')
    expect([tag(segmenter, 'MEDIA-SEQUENCE'), tag(segmenter, 'DISCONTINUITY-SEQUENCE')]).toEqual([3, 1])
    push(segmenter, steady({ from: 10_600, to: 12_620 }))
    expect(shape(segmenter)).toBe('2000 2040 2040')
    expect([tag(segmenter, 'MEDIA-SEQUENCE'), tag(segmenter, 'DISCONTINUITY-SEQUENCE')]).toEqual([4, 2])
    expect(tag(segmenter, 'TARGETDURATION')).toBe(2)
  })

  it('finds out anew whether the next publisher has video', () => {
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: 1000 })])
    segmenter.onPublishEnd(END)
    push(segmenter, steady({ from: 2000, to: 4020, kinds: ['audio'] }))
    expect(programs(segmenter)).toEqual([[AVC, AAC], [AAC]])
    expect(shape(segmenter)).toBe('1003 !2000')
  })

  it('does not wait for the video of a header it was primed with', () => {
    const audioOnly = segmenterOf([])
    for (const header of ALL_HEADERS) {
      audioOnly.prime(header)
    }
    push(audioOnly, steady({ to: 2020, kinds: ['audio'] }))
    expect(shape(audioOnly)).toBe('2000')
    // The header counts when its video comes, though.
    push(audioOnly, steady({ from: 2020, to: 4040 }))
    expect(programs(audioOnly)).toEqual([[AAC], [AAC], [AVC, AAC]])
    audioOnly.prime({ ...audioHeader(), body: new Uint8Array() })
    expect(audioOnly.stats.framesDamaged).toBe(1)
  })

  it('begins with a keyframe again when frames were missed', () => {
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: 1000 })])
    segmenter.onFramesMissed()
    push(segmenter, [
      ...steady({ from: 1400, to: 2000, gop: 1e6 }).slice(1),
      ...steady({ from: 2000, to: 3000 }),
    ])
    segmenter.onEnd(END)
    expect(shape(segmenter)).toBe('1003 !1003')
    expect(segmenter.playlist()).toContain('#EXT-X-ENDLIST')
    segmenter.onFrame(picture(3000, true))
    segmenter.onEnd(END)
    expect(segmenter.stats.segments).toBe(2)
  })

  it('lets a later segmenter go on with its numbers', () => {
    const first = segmenterOf([...ALL_HEADERS, ...steady({ to: 2500 })])
    first.onPublishEnd(END)
    push(first, steady({ from: 3000, to: 5020 }))
    expect(first.continuation).toEqual({ firstSequenceNumber: 3, firstDiscontinuitySequence: 1 })
    const second = segmenterOf([...ALL_HEADERS, ...steady({ to: 2020 })], {
      continuation: first.continuation,
    })
    expect(entries(second)).toEqual([{ duration: 2000, fileName: 'demo-3.ts', discontinuity: true }])
    expect([tag(second, 'MEDIA-SEQUENCE'), tag(second, 'DISCONTINUITY-SEQUENCE')]).toEqual([3, 1])
    expect(second.continuation).toEqual({ firstSequenceNumber: 4, firstDiscontinuitySequence: 2 })
  })

  it('names segments so that a URL can carry it', () => {
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: 2020 })], { name: 'a b/ü#\n\ud800' })
    expect(segmenter.playlist()).toContain('\na%20b%2F%C3%BC%23%0A%EF%BF%BD-0.ts\n')
    expect(segmenter.segment('a b/ü#\n\ufffd-0.ts')).not.toBeNull()
  })

  it('dates segments by the wall clock, each publication anew', () => {
    const clock = { now: Date.UTC(2030, 0, 1), wallTime: () => ms(clock.now) }
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: 500 })], { wallClock: clock })
    segmenter.onPublishEnd(END)
    clock.now += 700
    push(segmenter, steady({ from: 520, to: 1000 }))
    segmenter.onPublishEnd(END)
    const dates = [...(segmenter.playlist() ?? '').matchAll(/^#EXT-X-PROGRAM-DATE-TIME:(.*)$/gm)]
    expect(dates.map(([, date]) => date)).toEqual(['2030-01-01T00:00:00.000Z', '2030-01-01T00:00:00.700Z'])
  })

  it('lets go of audio that waited when its publisher leaves', () => {
    const segmenter = segmenterOf([...ALL_HEADERS, sound(0), sound(20)])
    segmenter.onPublishEnd(END)
    expect(segmenter.stats).toMatchObject({ framesMuxed: 0, framesSkipped: 2, bytesHeld: 0 })
  })
})

describe('HlsSegmenter.nextChange', () => {
  it('resolves with the next segment', async () => {
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: 2000 })])
    const change = segmenter.nextChange()
    segmenter.onFrame(picture(2000, true))
    await change
    expect(shape(segmenter)).toBe('2000')
  })

  it('rejects when the wait is given up, and when nothing will come', async () => {
    const segmenter = segmenterOf(ALL_HEADERS)
    await expect(segmenter.nextChange(AbortSignal.abort(new Error('gave up')))).rejects.toThrow('gave up')
    const change = segmenter.nextChange()
    segmenter.onEnd(END)
    await expect(change).rejects.toThrow(ClosedError)
    await expect(segmenter.nextChange()).rejects.toThrow(ClosedError)
    expect(segmenter.playlist()).toBeNull()
  })
})
