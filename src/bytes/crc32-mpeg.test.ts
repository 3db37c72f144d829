import { describe, expect, it } from 'vitest'
import { crc32Mpeg } from './index.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('the CRC of MPEG-TS', () => {
  it.each([
    ['nothing', '', 0xffffffff],
    ['the check string 123456789 of the catalogue of CRCs', '31 32 33 34 35 36 37 38 39', 0x0376e6e7],
    ['one zero byte', '00', 0x4e08bfb4],
    ['a program association table', '00 b0 0d 00 01 c1 00 00 00 01 f0 00', 0x2ab104b2],
  ])('of %s is known', (_name, bytes, crc) => {
    expect(crc32Mpeg(hex(bytes))).toBe(crc)
  })

  it('of anything followed by its own CRC is 0', () => {
    const table = hex('00 b0 0d 00 01 c1 00 00 00 01 f0 00 2a b1 04 b2')
    expect(crc32Mpeg(table)).toBe(0)
    table[3] = 1
    expect(crc32Mpeg(table)).not.toBe(0)
  })
})
