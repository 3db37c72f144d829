import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtocolError } from '../base/index.ts'
import { ByteReader } from './index.ts'

type Case = { name: string; bytes: number[]; value: number; read: (reader: ByteReader) => number }

const cases: Case[] = [
  { name: 'uint8', bytes: [0xff], value: 255, read: (reader) => reader.readUint8() },
  { name: 'uint16', bytes: [0x12, 0x34], value: 0x1234, read: (reader) => reader.readUint16() },
  { name: 'uint24', bytes: [0xfe, 0xdc, 0xba], value: 0xfedcba, read: (reader) => reader.readUint24() },
  { name: 'int24 above zero', bytes: [0x7f, 0xff, 0xff], value: 8_388_607, read: (r) => r.readInt24() },
  { name: 'int24 below zero', bytes: [0xff, 0xff, 0xfe], value: -2, read: (reader) => reader.readInt24() },
  { name: 'the lowest int24', bytes: [0x80, 0, 0], value: -8_388_608, read: (reader) => reader.readInt24() },
  { name: 'uint32', bytes: [0xfe, 0xdc, 0xba, 0x98], value: 0xfedcba98, read: (r) => r.readUint32() },
  {
    name: 'little-endian uint32',
    bytes: [0x98, 0xba, 0xdc, 0xfe],
    value: 0xfedcba98,
    read: (reader) => reader.readUint32LittleEndian(),
  },
  {
    name: 'float64',
    bytes: [0xc0, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18],
    value: -Math.PI,
    read: (reader) => reader.readFloat64(),
  },
]

describe('a byte reader', () => {
  it.each(cases)('reads $name, wherever it stands', ({ bytes, value, read }) => {
    // A view with an offset of its own, behind a byte that must not be read.
    const buffer = Uint8Array.of(0x55, 0x55, ...bytes, 0x55)
    const reader = new ByteReader(buffer.subarray(1), 1)
    expect(read(reader)).toBe(value)
    expect(reader.offset).toBe(1 + bytes.length)
    expect(reader.remaining).toBe(1)
  })

  it.each(cases)(
    'says of a $name cut short where it is, what it needs and what there is',
    ({ bytes, read }) => {
      for (let have = 0; have < bytes.length; have++) {
        const reader = new ByteReader(Uint8Array.of(7, 7, ...bytes.slice(0, have)), 2)
        const message = `need ${bytes.length} bytes at offset 2, have ${have}`
        expect(() => read(reader)).toThrow(new ProtocolError(message))
        expect(reader.offset).toBe(2)
      }
    },
  )

  it('gives bytes as a view, not a copy', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4)
    const reader = new ByteReader(bytes)
    reader.skip(1)
    const view = reader.readBytes(2)
    bytes[1] = 9
    expect([...view]).toEqual([9, 3])
    expect([...reader.readBytes(0)]).toEqual([])
    expect(() => reader.readBytes(2)).toThrow('need 2 bytes at offset 3, have 1')
    expect(() => reader.skip(2)).toThrow('need 2 bytes at offset 3, have 1')
    expect(reader.remaining).toBe(1)
  })

  it('peeks without taking', () => {
    const reader = new ByteReader(Uint8Array.of(8))
    expect(reader.peekUint8()).toBe(8)
    expect(reader.readUint8()).toBe(8)
    expect(() => reader.peekUint8()).toThrow('need 1 bytes at offset 1, have 0')
  })

  it('reads UTF-8, with U+FFFD for what is none and a byte order mark kept', () => {
    const text = (bytes: Uint8Array) => new ByteReader(bytes).readUtf8(bytes.length)
    expect(text(Buffer.from('naïve 直播 🎬'))).toBe('naïve 直播 🎬')
    expect(text(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\uFFFDb')
    expect(text(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\uFEFFa')
    expect(() => new ByteReader(Uint8Array.of(0x61)).readUtf8(2)).toThrow('need 2 bytes at offset 0, have 1')
  })

  it('reads on, or throws and stays where it is, whatever is asked of it', () => {
    const asked = fc.array(fc.oneof(fc.constantFrom(...cases), fc.nat({ max: 20 })))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), asked, (bytes, steps) => {
        const reader = new ByteReader(bytes)
        for (const step of steps) {
          const length = typeof step === 'number' ? step : step.bytes.length
          const { offset } = reader
          const read = () => (typeof step === 'number' ? reader.skip(step) : step.read(reader))
          if (offset + length <= bytes.length) {
            read()
            expect(reader.offset).toBe(offset + length)
          } else {
            expect(read).toThrow(ProtocolError)
            expect(reader.offset).toBe(offset)
          }
          expect(reader.remaining).toBe(bytes.length - reader.offset)
        }
      }),
    )
  })
})
