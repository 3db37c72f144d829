import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ms } from '../../base/index.ts'
import { type MediaPlaylist, renderMediaPlaylist } from './media-playlist.ts'

const cases: { name: string; playlist: MediaPlaylist; lines: string[] }[] = [
  {
    name: 'a playlist of two entries',
    playlist: {
      targetDuration: 2,
      mediaSequence: 0,
      segments: [
        { uri: 'a-0.ts', duration: ms(2000) },
        { uri: 'a-1.ts', duration: ms(2033) },
      ],
    },
    lines: [
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-TARGETDURATION:2',
      '#EXTINF:2.000,',
      'a-0.ts',
      '#EXTINF:2.033,',
      'a-1.ts',
    ],
  },
  {
    name: 'a discontinuity with its wall-clock time',
    playlist: {
      targetDuration: 3,
      mediaSequence: 41,
      segments: [
        {
          uri: 'a-41.ts',
          duration: ms(7),
          discontinuity: true,
          programDateTime: ms(Date.UTC(2024, 1, 29, 23, 59, 59, 7)),
        },
      ],
    },
    lines: [
      '#EXT-X-MEDIA-SEQUENCE:41',
      '#EXT-X-TARGETDURATION:3',
      '#EXT-X-DISCONTINUITY',
      '#EXT-X-PROGRAM-DATE-TIME:2024-02-29T23:59:59.007Z',
      '#EXTINF:0.007,',
      'a-41.ts',
    ],
  },
  {
    name: 'discontinuities that have left, and the end',
    playlist: {
      targetDuration: 10,
      mediaSequence: 4294967296,
      discontinuitySequence: 2,
      segments: [{ uri: 'a.ts', duration: ms(9500.4), discontinuity: false, programDateTime: null }],
      ended: true,
    },
    lines: [
      '#EXT-X-MEDIA-SEQUENCE:4294967296',
      '#EXT-X-DISCONTINUITY-SEQUENCE:2',
      '#EXT-X-TARGETDURATION:10',
      '#EXTINF:9.500,',
      'a.ts',
      '#EXT-X-ENDLIST',
    ],
  },
  {
    name: 'a discontinuity sequence of 0, which is the default of the format',
    playlist: { targetDuration: 1, mediaSequence: 7, discontinuitySequence: 0, segments: [], ended: false },
    lines: ['#EXT-X-MEDIA-SEQUENCE:7', '#EXT-X-TARGETDURATION:1'],
  },
]

describe('renderMediaPlaylist', () => {
  it.each(cases)('writes $name', ({ playlist, lines }) => {
    expect(renderMediaPlaylist(playlist)).toBe(
      ['#EXTM3U', '#EXT-X-VERSION:3', ...lines].map((line) => `${line}\n`).join(''),
    )
  })

  it('writes durations of whole milliseconds exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000_000 }), { maxLength: 20 }), (durations) => {
        const segments = durations.map((duration) => ({ uri: 'x', duration: ms(duration) }))
        const text = renderMediaPlaylist({ targetDuration: 1, mediaSequence: 0, segments })
        const written = [...text.matchAll(/^#EXTINF:(\d+)\.(\d{3}),$/gm)]
        expect(
          written.map(([, seconds, thousandths]) => Number(seconds) * 1000 + Number(thousandths)),
        ).toEqual(durations)
      }),
      { numRuns: 50 },
    )
  })
})
