import { describe, expect, it } from 'vitest'
import type { StreamInfo } from '../answers.ts'
import { undecodable } from './decodable.ts'

function stream(codec: string, rfc6381?: string): StreamInfo {
  return {
    video: { codec, profile: 'High 4:2:2', ...(rfc6381 === undefined ? {} : { rfc6381 }) },
  } as StreamInfo
}
const onlyAvc = (type: string): boolean => type === 'video/mp4; codecs="avc1.64001e"'

describe('a picture that the browser has no decoder for', () => {
  it('is told by its codec', () => {
    expect(undecodable(stream('HEVC', 'hvc1.1.6.L60.B0'), onlyAvc)).toBe('H.265')
    expect(undecodable(stream('H264', 'avc1.64001e'), onlyAvc)).toBeNull()
    expect(undecodable(stream('H264', 'avc1.7a001e'), onlyAvc)).toBe('H.264 High 4:2:2')
  })

  it.each([
    ['no stream', undefined],
    ['a sound only', { video: null } as StreamInfo],
    ['parameters that are not known yet', stream('HEVC', '')],
    ['a server that does not tell them, as SRS', stream('HEVC')],
  ])('is not told by %s', (_what, source) => {
    expect(undecodable(source, onlyAvc)).toBeNull()
  })

  it('is left to a browser that plays without Media Source Extensions', () => {
    expect(undecodable(stream('HEVC', 'hvc1.1.6.L60.B0'), null)).toBeNull()
  })
})
