import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../../base/index.ts'
import { OPUS_SAMPLE_RATE, parseOpusChannelCount } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
// By libopus.
const OPUS_HEAD = '4f70757348656164 01 02 3801 80bb0000 0000 00'

describe('parseOpusChannelCount', () => {
  it('reads what an encoder wrote', () => {
    expect(parseOpusChannelCount(hex(OPUS_HEAD))).toBe(2)
    expect(OPUS_SAMPLE_RATE).toBe(48_000)
  })

  it('refuses another header, and one cut short', () => {
    expect(() => parseOpusChannelCount(hex(OPUS_HEAD.replace('4f', '6f')))).toThrow(ProtocolError)
    for (let length = 0; length < 10; length++) {
      expect(() => parseOpusChannelCount(hex(OPUS_HEAD).subarray(0, length))).toThrow(ProtocolError)
    }
  })
})
