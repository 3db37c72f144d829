import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import { parseVp8KeyframeSize } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

describe('parseVp8KeyframeSize', () => {
  it('reads the size of a picture by libvpx, whatever the scaling', () => {
    expect(parseVp8KeyframeSize(hex('106700 9d012a 4201 b600'))).toEqual({ width: 322, height: 182 })
    expect(parseVp8KeyframeSize(hex('106700 9d012a 4241 b6c0'))).toEqual({ width: 322, height: 182 })
  })

  it.each([
    ['nothing', ''],
    ['an inter frame', '116700 9d012a 4201 b600'],
    ['another start code', '106700 9d012b 4201 b600'],
    ['a keyframe cut short', '106700 9d012a 4201 b6'],
  ])('refuses %s', (_, text) => {
    expect(() => parseVp8KeyframeSize(hex(text))).toThrow(ProtocolError)
  })

  it('throws nothing but ProtocolError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const keyframe = Uint8Array.of(0x10, 0, 0, 0x9d, 0x01, 0x2a, ...bytes)
        if (bytes.length < 4) {
          expect(() => parseVp8KeyframeSize(keyframe)).toThrow(ProtocolError)
        } else {
          expect(parseVp8KeyframeSize(keyframe).width).toBeLessThan(2 ** 14)
        }
      }),
    )
  })
})
