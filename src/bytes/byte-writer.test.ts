import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from './index.ts'

type Field = {
  name: string
  bytes: number
  values: fc.Arbitrary<number>
  write: (writer: ByteWriter, value: number) => ByteWriter
  read: (reader: ByteReader) => number
}

const fields: Field[] = [
  {
    name: 'uint8',
    bytes: 1,
    values: fc.nat({ max: 0xff }),
    write: (writer, value) => writer.writeUint8(value),
    read: (reader) => reader.readUint8(),
  },
  {
    name: 'uint16',
    bytes: 2,
    values: fc.nat({ max: 0xffff }),
    write: (writer, value) => writer.writeUint16(value),
    read: (reader) => reader.readUint16(),
  },
  {
    name: 'uint24',
    bytes: 3,
    values: fc.nat({ max: 0xffffff }),
    write: (writer, value) => writer.writeUint24(value),
    read: (reader) => reader.readUint24(),
  },
  {
    name: 'int24',
    bytes: 3,
    values: fc.integer({ min: -0x800000, max: 0x7fffff }),
    write: (writer, value) => writer.writeUint24(value),
    read: (reader) => reader.readInt24(),
  },
  {
    name: 'uint32',
    bytes: 4,
    values: fc.nat({ max: 0xffffffff }),
    write: (writer, value) => writer.writeUint32(value),
    read: (reader) => reader.readUint32(),
  },
  {
    name: 'little-endian uint32',
    bytes: 4,
    values: fc.nat({ max: 0xffffffff }),
    write: (writer, value) => writer.writeUint32LittleEndian(value),
    read: (reader) => reader.readUint32LittleEndian(),
  },
  {
    name: 'float64',
    bytes: 8,
    values: fc.double(),
    write: (writer, value) => writer.writeFloat64(value),
    read: (reader) => reader.readFloat64(),
  },
]

describe('a byte writer', () => {
  it('writes what a reader reads, however often it has to grow', () => {
    const written = fc
      .constantFrom(...fields)
      .chain((field) => field.values.map((value) => ({ field, value })))
    fc.assert(
      fc.property(fc.array(written, { maxLength: 200 }), fc.nat({ max: 64 }), (steps, capacity) => {
        const writer = new ByteWriter(capacity)
        for (const { field, value } of steps) {
          expect(field.write(writer, value)).toBe(writer)
        }
        const bytes = writer.bytes()
        expect(writer.length).toBe(steps.reduce((sum, { field }) => sum + field.bytes, 0))
        expect(bytes).toHaveLength(writer.length)
        const reader = new ByteReader(bytes)
        for (const { field, value } of steps) {
          expect(field.read(reader)).toBe(value)
        }
        expect(reader.remaining).toBe(0)
      }),
    )
  })

  it('copies bytes, so that they may change afterwards', () => {
    const source = Uint8Array.of(1, 2, 3)
    const writer = new ByteWriter(0).writeBytes(source).writeBytes(new Uint8Array(0))
    source.fill(9)
    expect([...writer.bytes()]).toEqual([1, 2, 3])
  })

  it('is as long as what was written, not as its memory', () => {
    const writer = new ByteWriter(1000)
    expect(writer.bytes()).toHaveLength(0)
    writer.writeUint8(1)
    expect([...writer.bytes()]).toEqual([1])
  })

  it('grows at once to whatever is needed', () => {
    const large = new Uint8Array(100_000).fill(7)
    const bytes = new ByteWriter(2).writeUint8(1).writeBytes(large).writeUint8(2).bytes()
    expect(bytes).toHaveLength(100_002)
    expect([bytes[0], bytes[1], bytes[100_000], bytes[100_001]]).toEqual([1, 7, 7, 2])
  })
})
