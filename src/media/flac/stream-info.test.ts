import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import { parseFlacStreamInfo } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
// By FFmpeg, stereo of 44.1 kHz.
const STREAM_INFO = '12001200 002f02 0035f6 0ac44370 000033ae 7add9988c306256b9cbb09baf86c76ba'

describe('parseFlacStreamInfo', () => {
  it.each([
    ['marker and block header', `664c6143 00000022 ${STREAM_INFO}`],
    ['a marker alone', `664c6143 ${STREAM_INFO}`],
    ['a block header alone', `00000022 ${STREAM_INFO}`],
    ['nothing before it', STREAM_INFO],
  ])('reads it behind %s', (_, text) => {
    expect(parseFlacStreamInfo(hex(text))).toEqual({ sampleRate: 44_100, channelCount: 2 })
  })

  it('throws nothing but ProtocolError', () => {
    expect(() => parseFlacStreamInfo(hex(STREAM_INFO).subarray(0, 12))).toThrow(ProtocolError)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 48 }), fc.boolean(), (bytes, hasMarker) => {
        try {
          const { sampleRate, channelCount } = parseFlacStreamInfo(
            Uint8Array.from([...(hasMarker ? hex('664c6143') : []), ...bytes]),
          )
          expect(sampleRate).toBeLessThan(2 ** 20)
          expect(channelCount).toBeLessThanOrEqual(8)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})
