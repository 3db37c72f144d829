import { describe, expect, it } from 'vitest'
import { removeEmulationPrevention } from './index.ts'

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

describe('removeEmulationPrevention', () => {
  it.each([
    { escaped: '67 000003 01', bytes: '67 0000 01' },
    { escaped: '67 000003 0000 03', bytes: '67 0000 0000' },
    { escaped: '67 000003', bytes: '67 0000' },
    { escaped: '67 000003 03', bytes: '67 0000 03' },
    { escaped: '67 0003 00 0103', bytes: '67 0003 00 0103' },
    { escaped: '', bytes: '' },
  ])('turns $escaped into $bytes', ({ escaped, bytes }) => {
    expect(removeEmulationPrevention(hex(escaped))).toEqual(hex(bytes))
  })
})
