import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import { parseMp3FrameHeader } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

describe('parseMp3FrameHeader', () => {
  it.each([
    ['MPEG-2 by LAME, mono of 22.05 kHz', 'fff340c4', { sampleRate: 22_050, channelCount: 1 }],
    ['MPEG-1, joint stereo of 48 kHz', 'fffb9464', { sampleRate: 48_000, channelCount: 2 }],
    ['MPEG-2.5, dual channel of 8 kHz', 'ffe31880', { sampleRate: 8_000, channelCount: 2 }],
  ])('reads %s', (_, text, value) => {
    expect(parseMp3FrameHeader(hex(text))).toEqual(value)
  })

  it.each([
    ['nothing', ''],
    ['no sync word', 'fefb9464'],
    ['a reserved version', 'ffeb9464'],
    ['a reserved rate', 'fffb9c64'],
    ['a header cut short', 'fffb94'],
  ])('refuses %s', (_, text) => {
    expect(() => parseMp3FrameHeader(hex(text))).toThrow(ProtocolError)
  })

  it('throws nothing but ProtocolError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (bytes) => {
        try {
          expect(parseMp3FrameHeader(Uint8Array.of(0xff, ...bytes)).sampleRate).toBeGreaterThan(7_000)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})
