import { describe, expect, it } from 'vitest'
import { LimitError, ProtocolError } from '../../base/index.ts'
import {
  decodeAmf3,
  encodeAmf3,
  MAX_AMF3_DEPTH,
  MAX_AMF3_LENGTH,
  MAX_AMF3_REFERENCED_BYTES,
  MAX_AMF3_VALUES,
} from './index.ts'

/** Spaces in `text` are for the eye. */
function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function protocolErrorOf(act: () => unknown): ProtocolError | null {
  try {
    act()
  } catch (error) {
    return error instanceof ProtocolError ? error : null
  }
  return null
}

describe('limits of AMF3', () => {
  /** `levels` arrays within one another. */
  function nested(levels: number): Uint8Array {
    return hex(`${'09 03 01'.repeat(levels)}01`)
  }

  it('MAX_AMF3_DEPTH levels are decoded and encoded, one more is not', () => {
    const [value] = decodeAmf3(nested(MAX_AMF3_DEPTH))
    expect(toHex(encodeAmf3(value))).toBe(toHex(nested(MAX_AMF3_DEPTH)))
    const error = protocolErrorOf(() => decodeAmf3(nested(MAX_AMF3_DEPTH + 1)))
    expect(error).toEqual(new LimitError('MAX_AMF3_DEPTH', MAX_AMF3_DEPTH, MAX_AMF3_DEPTH + 1))
    expect(() => encodeAmf3([value ?? null])).toThrow(LimitError)
  })

  it('nothing longer than MAX_AMF3_LENGTH is encoded', () => {
    // Never written to, so the memory is never really there.
    const tooLong = new Uint8Array(MAX_AMF3_LENGTH + 1)
    expect(() => encodeAmf3(tooLong)).toThrow(
      new LimitError('MAX_AMF3_LENGTH', MAX_AMF3_LENGTH, MAX_AMF3_LENGTH + 1),
    )
  })

  it('depth counts through references', () => {
    const deep = hex(`09 05 01 ${'09 03 01'.repeat(MAX_AMF3_DEPTH - 1)} 01`)
    // Its second element stands one deeper than the reference's target did.
    const tooDeep = Buffer.concat([deep, hex('09 03 01 09 02')])
    expect(protocolErrorOf(() => decodeAmf3(tooDeep))?.message).toContain('MAX_AMF3_DEPTH')
  })

  it('MAX_AMF3_VALUES values are decoded, one more is not', () => {
    const values = new Uint8Array(MAX_AMF3_VALUES)
    expect(decodeAmf3(values)).toHaveLength(MAX_AMF3_VALUES)
    expect(protocolErrorOf(() => decodeAmf3(new Uint8Array(MAX_AMF3_VALUES + 1)))?.message).toBe(
      `${MAX_AMF3_VALUES + 1} exceeds MAX_AMF3_VALUES (${MAX_AMF3_VALUES})`,
    )
  })

  it.each([
    ['elements of vectors', `0d 8880 01 00 ${'00'.repeat(4 * 0x20000)}`],
    ['names of sealed members', `0a c0803b 01 ${'01'.repeat(0x20000)}`],
  ])('%s count as values', (_name, bytes) => {
    expect(protocolErrorOf(() => decodeAmf3(hex(bytes)))?.message).toContain('MAX_AMF3_VALUES')
  })

  it.each([
    ['strings', Buffer.concat([stringOf(60_000), hex('06 00'.repeat(20))])],
    ['objects', Buffer.concat([hex('09 03 01'), stringOf(60_000), hex('09 00'.repeat(20))])],
    ['traits', Buffer.concat([hex('0a 03'), stringOf(60_000).subarray(1), hex('0a 01'.repeat(20))])],
  ])('MAX_AMF3_REFERENCED_BYTES bytes may be repeated by references to %s, no more', (_name, bytes) => {
    expect(protocolErrorOf(() => decodeAmf3(bytes))?.message).toContain(
      `exceeds MAX_AMF3_REFERENCED_BYTES (${MAX_AMF3_REFERENCED_BYTES})`,
    )
    expect(decodeAmf3(bytes.subarray(0, -10)).length).toBeGreaterThan(10)
  })

  /** A string of so many letters, encoded. */
  function stringOf(length: number): Uint8Array {
    return encodeAmf3('a'.repeat(length))
  }
})
