import { describe, expect, it } from 'vitest'
import {
  AAC,
  ALL_HEADERS,
  AVC,
  audioHeader,
  bytesOf,
  END,
  expectCountersWithoutGap,
  MP3,
  picture,
  programs,
  push,
  segmenterOf,
  shape,
  sound,
  steady,
  videoHeader,
} from '../../../test/support/hls.ts'
import type { Frame } from '../../live/index.ts'
import { MAX_SEGMENT_FRAGMENTS, MAX_WAITING_AUDIO_FRAMES } from './index.ts'

const cuts: { name: string; frames: Frame[]; shape: string; programs: number[][]; options?: object }[] = [
  {
    name: 'at the first keyframe after fragmentMs',
    frames: [...ALL_HEADERS, ...steady({ to: 6100, gop: 800 })],
    shape: '2400 2400 1320',
    programs: [
      [AVC, AAC],
      [AVC, AAC],
      [AVC, AAC],
    ],
  },
  {
    name: 'at keyframes that are further apart than fragmentMs',
    frames: [...ALL_HEADERS, ...steady({ to: 10_000, gop: 5000 })],
    shape: '5000 5003',
    programs: [
      [AVC, AAC],
      [AVC, AAC],
    ],
  },
  {
    name: 'without audio',
    frames: [videoHeader(), ...steady({ to: 4000, kinds: ['video'] })],
    shape: '2000 2000',
    programs: [[AVC], [AVC]],
  },
  {
    name: 'without video',
    frames: [audioHeader(), ...steady({ to: 5000, kinds: ['audio'] })],
    shape: '2000 2000 1003',
    programs: [[AAC], [AAC], [AAC]],
  },
  {
    name: 'MP3 without video, which needs no header',
    frames: steady({ to: 3000, kinds: ['mp3'] }),
    shape: '2000 1000',
    programs: [[MP3], [MP3]],
  },
  {
    name: 'with MP3',
    frames: [videoHeader(), ...steady({ to: 3000, kinds: ['video', 'mp3'] })],
    shape: '2000 1000',
    programs: [
      [AVC, MP3],
      [AVC, MP3],
    ],
  },
  {
    name: 'off what has no keyframes, after ten times fragmentMs',
    frames: [...ALL_HEADERS, ...steady({ to: 12_000, gop: 1e6 })],
    options: { fragmentMs: 500 },
    shape: `${500 * MAX_SEGMENT_FRAGMENTS} 5000 2003`,
    programs: [
      [AVC, AAC],
      [AVC, AAC],
      [AVC, AAC],
    ],
  },
  {
    name: 'off what is larger than maxSegmentBytes',
    frames: [
      videoHeader(),
      picture(0, true, 10_000),
      picture(40, false, 10_000),
      picture(80, false, 10),
      picture(120),
    ],
    options: { maxSegmentBytes: 20_000 },
    shape: '80 80',
    programs: [[AVC], [AVC]],
  },
  {
    name: 'at audio while no picture comes, without a discontinuity',
    frames: [
      ...ALL_HEADERS,
      ...steady({ to: 1000 }),
      ...steady({ from: 1000, to: 8000, kinds: ['audio'] }),
      ...steady({ from: 8000, to: 10_000 }),
    ],
    shape: '2960 2000 2000 2040 1003',
    programs: new Array(5).fill([AVC, AAC]),
  },
  {
    name: 'anew when video joins, with a discontinuity',
    frames: [
      ...ALL_HEADERS.slice(1),
      ...steady({ to: 3000, kinds: ['audio'] }),
      ...ALL_HEADERS.slice(0, 1),
      ...steady({ from: 3000, to: 5500 }),
    ],
    shape: '2000 1000 !2000 520',
    programs: [[AAC], [AAC], [AVC, AAC], [AVC, AAC]],
  },
  {
    name: 'anew when audio joins late, at a keyframe',
    frames: [
      videoHeader(),
      ...steady({ to: 2500, kinds: ['video'] }),
      audioHeader(),
      ...steady({ from: 2500, to: 5000 }),
    ],
    shape: '2000 1500 !1520',
    programs: [[AVC], [AVC], [AVC, AAC]],
  },
  {
    name: 'nothing when audio joins in the first segment',
    frames: [
      videoHeader(),
      picture(0, true),
      audioHeader(),
      ...steady({ from: 40, to: 2040, gop: 1e6 }).slice(1),
    ],
    shape: '2043',
    programs: [[AVC, AAC]],
  },
  {
    name: 'from the first keyframe on, with the audio from there on',
    frames: [
      ...ALL_HEADERS,
      sound(480),
      sound(500),
      sound(520),
      picture(480),
      picture(500, true),
      picture(540),
    ],
    shape: '80',
    programs: [[AVC, AAC]],
  },
  {
    name: 'anew at the keyframe after a changed video header',
    frames: [...ALL_HEADERS, ...steady({ to: 1000 }), videoHeader(31), ...steady({ from: 1000, to: 2000 })],
    shape: '1000 !1003',
    programs: [
      [AVC, AAC],
      [AVC, AAC],
    ],
  },
  {
    name: 'anew at the keyframe after a changed audio header',
    frames: [...ALL_HEADERS, ...steady({ to: 500 }), audioHeader(1), ...steady({ from: 500, to: 1500 })],
    shape: '500 !1003',
    programs: [
      [AVC, AAC],
      [AVC, AAC],
    ],
  },
  {
    name: 'anew at once after a changed audio header without video',
    frames: [
      audioHeader(),
      ...steady({ to: 2500, kinds: ['audio'] }),
      audioHeader(1),
      ...steady({ from: 2500, to: 3000, kinds: ['audio'] }),
    ],
    shape: '2000 500 !503',
    programs: [[AAC], [AAC], [AAC]],
  },
  {
    name: 'anew when audio changes its codec',
    frames: [
      ...ALL_HEADERS,
      ...steady({ to: 1000 }),
      ...steady({ from: 1000, to: 3000, kinds: ['video', 'mp3'] }).slice(1),
    ],
    options: { fragmentMs: 10_000 },
    shape: '2000 !1000',
    programs: [
      [AVC, AAC],
      [AVC, MP3],
    ],
  },
  {
    name: 'nothing at repeated headers',
    frames: [...ALL_HEADERS, ...steady({ to: 1000 }), ...ALL_HEADERS, ...steady({ from: 1000, to: 1500 })],
    shape: '1520',
    programs: [[AVC, AAC]],
  },
  {
    name: 'anew behind a hole in the timeline',
    frames: [...ALL_HEADERS, ...steady({ to: 1000 }), ...steady({ from: 9000, to: 10_000 })],
    shape: '1003 !1003',
    programs: [
      [AVC, AAC],
      [AVC, AAC],
    ],
  },
  {
    name: 'off, with a discontinuity, when a changed audio header finds no keyframe',
    frames: [
      ...ALL_HEADERS,
      ...steady({ to: 500 }),
      audioHeader(1),
      ...steady({ from: 500, to: 1400 }).slice(1),
    ],
    options: { fragmentMs: 100 },
    shape: '1020 !400',
    programs: [
      [AVC, AAC],
      [AVC, AAC],
    ],
  },
  {
    name: 'never before the segment began, where sound and picture overlap',
    frames: [...ALL_HEADERS, picture(0, true, 2000), sound(20), sound(60, 3000), picture(40), picture(80)],
    options: { maxSegmentBytes: 2000 },
    shape: '60 0 60',
    programs: new Array(3).fill([AVC, AAC]),
  },
  {
    name: 'not where audio joins, whose tracks would differ',
    frames: [...ALL_HEADERS, picture(0, true, 2000), sound(20), picture(40)],
    options: { maxSegmentBytes: 2000 },
    shape: '40 40',
    programs: [
      [AVC, AAC],
      [AVC, AAC],
    ],
  },
  {
    name: 'what is left of a short publication without video',
    frames: [audioHeader(), ...steady({ to: 500, kinds: ['audio'] })],
    shape: '503',
    programs: [[AAC]],
  },
  {
    name: 'nothing out of audio that waits for announced video',
    frames: [...ALL_HEADERS, ...steady({ to: 500, kinds: ['audio'] })],
    shape: '',
    programs: [],
  },
  {
    name: 'nothing out of audio that a hole parts from the rest before anything began',
    frames: [
      audioHeader(),
      ...steady({ to: 1000, kinds: ['audio'] }),
      ...steady({ from: 5000, to: 6000, kinds: ['audio'] }),
    ],
    shape: '1003',
    programs: [[AAC]],
  },
  {
    name: 'no longer segments for pictures that are seconds apart',
    frames: [videoHeader(), ...[0, 5000, 10_000, 15_000, 20_000].map((time) => picture(time, true))],
    shape: '40 !5000 5000 5000 5000',
    programs: [[AVC], [AVC], [AVC], [AVC], [AVC]],
  },
]

describe('HlsSegmenter cuts', () => {
  it.each(cuts)('$name', ({ name: _name, frames, options, ...expected }) => {
    const segmenter = segmenterOf(frames, { options: options ?? {} })
    segmenter.onPublishEnd(END)
    expect({ shape: shape(segmenter), programs: programs(segmenter) }).toEqual(expected)
    expectCountersWithoutGap(bytesOf(segmenter))
    expect(segmenter.stats.framesDamaged).toBe(0)
  })

  it('has no playlist before the first segment is complete', () => {
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: 2000 })])
    expect(segmenter.playlist()).toBeNull()
    segmenter.onFrame(picture(2000, true))
    expect(shape(segmenter)).toBe('2000')
  })

  it('leaves out audio from before the first keyframe', () => {
    const early = [sound(460), sound(480)]
    const segmenter = segmenterOf([...ALL_HEADERS, ...early, sound(500), picture(500, true), sound(520)])
    expect(segmenter.stats).toMatchObject({ framesMuxed: 3, framesSkipped: 2 })
  })

  it('keeps no more memory than a segment has bytes', () => {
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: 2020 })])
    const [bytes] = bytesOf(segmenter)
    expect(bytes?.buffer.byteLength).toBe(bytes?.length)
    const open = segmenterOf([audioHeader(), sound(0, 100), sound(20, 100)])
    expect(open.stats.bytesHeld).toBe(2 * 107)
    open.onFramesMissed()
    expect(open.stats.bytesHeld).toBe(bytesOf(open)[0]?.length)
  })

  it('waits for the keyframe of video that was announced, but not for ever', () => {
    const options = { fragmentMs: 200 }
    const patience = 200 * MAX_SEGMENT_FRAGMENTS
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: patience, kinds: ['audio'] })], {
      options,
    })
    expect(segmenter.stats).toMatchObject({ framesMuxed: 0, segments: 0 })
    push(segmenter, steady({ from: patience, to: patience + 20, kinds: ['audio'] }))
    expect(shape(segmenter)).toBe(new Array(MAX_SEGMENT_FRAGMENTS).fill('200').join(' '))
    push(segmenter, [picture(patience + 20, true), picture(patience + 220, true)])
    expect(shape(segmenter)).toMatch(/ 200 20 !200$/)
  })

  it('holds no more than MAX_WAITING_AUDIO_FRAMES back, nor more than maxSegmentBytes', () => {
    const many = segmenterOf([audioHeader(), ...new Array(MAX_WAITING_AUDIO_FRAMES - 1).fill(sound(0))])
    expect(many.stats.framesMuxed).toBe(0)
    many.onFrame(sound(0))
    expect(many.stats.framesMuxed).toBe(MAX_WAITING_AUDIO_FRAMES)
    const large = segmenterOf([audioHeader(), sound(0, 500), sound(0, 500)], {
      options: { maxSegmentBytes: 1000 },
    })
    expect(large.stats.framesMuxed).toBe(2)
  })
})
