import { describe, expect, it } from 'vitest'
import { readFfmpegBuild } from './ffmpeg-build.ts'

/** The first lines of `ffmpeg -version`. */
const says = (version: string, libavcodec: string): string =>
  `ffmpeg version ${version} Copyright (c) 2000-2026 the FFmpeg developers
built with gcc 12 (Debian 12.2.0-14+deb12u1)
configuration: --prefix=/usr
libavutil      57. 28.100 / 57. 28.100
libavcodec     ${libavcodec}.100 / ${libavcodec}.100
`

describe('FFmpeg says', () => {
  it.each([
    ['5.1.9-0+deb12u1', '59. 37', false],
    ['4.2.7-0ubuntu0.1', '58. 54', false],
    ['n8.0', '62. 11', false],
    ['10.0', '64. 1', false],
    ['N-47683-g0e8eb07980-static', '58. 42', false],
    ['2026-05-20-git-127ded5078-full_build', '62. 11', false],
    ['git-2020-01-13-7225479', '58. 65', false],
    ['3.4.13-0+deb9u1', '57.107', true],
    ['2.8.17', '56. 60', true],
    ['N-80000-g0123456789', '57. 48', true],
  ])('that it is %s with libavcodec %s: too old is %s', (version, libavcodec, isTooOld) => {
    expect(readFfmpegBuild(says(version, libavcodec), '')).toEqual({ version, isTooOld, encoders: null })
  })

  it('nothing that can be read, and is used all the same', () => {
    const unknown = { version: null, isTooOld: false, encoders: null }
    expect(readFfmpegBuild('', '')).toEqual(unknown)
    expect(readFfmpegBuild('Usage: wrapper OPTIONS\n', 'no such option\n')).toEqual(unknown)
    expect(readFfmpegBuild('ffmpeg version mine\n', '')).toEqual({ ...unknown, version: 'mine' })
  })

  it('which encoders it has: their names, and those of the codecs that they make', () => {
    const text = `Encoders:
 V..... = Video
 A..... = Audio
 S..... = Subtitle
 .F.... = Frame-level multithreading
 ------
 V....D libx264              libx264 H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10 (codec h264)
 VFS..D png                  PNG (Portable Network Graphics) image
 A....D aac                  AAC (Advanced Audio Coding)
 A....D libmp3lame           libmp3lame MP3 (MPEG audio layer 3) (codec mp3)
 S..... srt                  SubRip subtitle (codec subrip)
`
    const names = ['libx264', 'h264', 'png', 'aac', 'libmp3lame', 'mp3', 'srt', 'subrip']
    expect(readFfmpegBuild(says('5.1.9', '59. 37'), text).encoders).toEqual(new Set(names))
  })
})
