import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import { parseAc3SyncFrame } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

describe('parseAc3SyncFrame', () => {
  it.each([
    ['AC-3 by FFmpeg, 5.1 of 48 kHz', '0b77510f1e40ebf8403eff99', { sampleRate: 48_000, channelCount: 6 }],
    ['AC-3, stereo of 44.1 kHz', '0b7700005440 4000', { sampleRate: 44_100, channelCount: 2 }],
    [
      'AC-3, mono of 32 kHz with low frequencies',
      '0b7700009440 3000',
      { sampleRate: 32_000, channelCount: 2 },
    ],
    ['E-AC-3 by FFmpeg, mono of 32 kHz', '0b77011fb287c0000003', { sampleRate: 32_000, channelCount: 1 }],
    ['E-AC-3, half a rate', '0b770000c480', { sampleRate: 24_000, channelCount: 2 }],
  ])('reads %s', (_, text, value) => {
    expect(parseAc3SyncFrame(hex(text))).toEqual(value)
  })

  it.each([
    ['nothing', ''],
    ['another sync word', '0b78510f1e40ebf8'],
    ['a reserved sample rate', '0b770000d440 4000'],
    ['a frame cut short', '0b77510f1e40'],
  ])('refuses %s', (_, text) => {
    expect(() => parseAc3SyncFrame(hex(text))).toThrow(ProtocolError)
  })

  it('throws nothing but ProtocolError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        try {
          expect(parseAc3SyncFrame(Uint8Array.of(0x0b, 0x77, ...bytes)).channelCount).toBeLessThanOrEqual(6)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
