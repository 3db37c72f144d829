import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FfmpegProgressReader, MAX_PROGRESS_LINE_BYTES } from './ffmpeg-progress.ts'
import type { FfmpegProgress } from './status.ts'

const NOTHING = {
  frames: 0,
  framesPerSecond: 0,
  bitrateKbps: null,
  speed: null,
  mediaTimeMs: 0,
  duplicatedFrames: 0,
  droppedFrames: 0,
  bytes: null,
}

/** What FFmpeg 5.1.9 wrote. */
const WRITTEN = `frame=1
fps=0.00
stream_0_0_q=0.0
bitrate=N/A
total_size=276
out_time_us=0
out_time_ms=0
out_time=00:00:00.000000
dup_frames=0
drop_frames=0
speed=   0x
progress=continue
frame=50
fps=25.10
stream_0_0_q=-1.0
bitrate=  18.8kbits/s
total_size=4419
out_time_us=1881000
out_time_ms=1881000
out_time=00:00:01.881000
dup_frames=3
drop_frames=2
speed=61.3x
progress=end
`

const READ = [
  { ...NOTHING, frames: 1, speed: 0, bytes: 276 },
  {
    frames: 50,
    framesPerSecond: 25.1,
    bitrateKbps: 18.8,
    speed: 61.3,
    mediaTimeMs: 1881,
    duplicatedFrames: 3,
    droppedFrames: 2,
    bytes: 4419,
  },
]

function read(...parts: readonly (string | Uint8Array)[]): FfmpegProgress[] {
  const read: FfmpegProgress[] = []
  const reader = new FfmpegProgressReader((progress) => read.push(progress))
  for (const part of parts) {
    reader.push(Buffer.from(part))
  }
  return read
}

describe("FFmpeg's progress", () => {
  it('is read report by report', () => {
    expect(read(WRITTEN)).toEqual(READ)
  })

  it('is the same byte by byte, and at random cuts', () => {
    expect(read(...[...WRITTEN])).toEqual(READ)
    fc.assert(
      fc.property(fc.array(fc.nat(WRITTEN.length), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), WRITTEN.length]
        const parts = places.slice(1).map((end, index) => WRITTEN.slice(places[index], end))
        expect(read(...parts)).toEqual(READ)
      }),
    )
  })

  it.each([
    ['audio only', 'out_time_us=40000\nprogress=continue\n', { mediaTimeMs: 40 }],
    [
      'FFmpeg 4.1, whose milliseconds are microseconds',
      'out_time_ms=40000\nprogress=continue\n',
      { mediaTimeMs: 40 },
    ],
    ['before the first frame', 'out_time_us=-9223372036854775808\nprogress=continue\n', {}],
    ['FFmpeg 7, which knows no time yet', 'out_time_us=N/A\nspeed=N/A\nprogress=continue\n', {}],
    ['a large bit rate', 'bitrate=1.2e+06kbits/s\nprogress=continue\n', { bitrateKbps: 1_200_000 }],
    ['a line that is too long', `${'frame='.padEnd(MAX_PROGRESS_LINE_BYTES + 1, '1')}\nprogress=end\n`, {}],
    ['lines that are none', 'frame\n=3\n\r\nframe=x\nframe=\nprogress=continue\n', {}],
    ['line ends of Windows', 'frame=7\r\nprogress=continue\r\n', { frames: 7 }],
  ])('of %s is read as far as it can be', (_of, written, wanted) => {
    expect(read(written)).toEqual([{ ...NOTHING, ...wanted }])
  })

  it('says nothing of a report before from the one after', () => {
    expect(read('frame=7\nprogress=continue\nfps=2\nprogress=continue\n')[1]).toEqual({
      ...NOTHING,
      framesPerSecond: 2,
    })
  })

  it('may be anything: numbers are finite and not negative, however it is cut', () => {
    const word = fc.constantFrom(
      'frame=',
      'out_time_us=',
      'bitrate=',
      '\n',
      'progress=end\n',
      '1e+99',
      '-1',
      '9'.repeat(40),
      '=',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 60 }), (parts) => {
        const whole = read(parts.join(''))
        expect(read(...parts)).toEqual(whole)
        for (const value of whole.flatMap((progress) => Object.values(progress))) {
          expect(value === null || (Number.isFinite(value) && value >= 0)).toBe(true)
        }
      }),
    )
  })
})
