import { ByteWriter } from '../../../src/bytes/index.ts'
import type { Random } from '../lib/random.ts'

const NAMES = [
  'tcUrl',
  'app',
  'code',
  'level',
  'duration',
  'width',
  '',
  '__proto__',
  'constructor',
  '0',
  '7',
  'é',
  'x',
] as const
const TEXTS = [
  'rtmp://host/live',
  'live',
  'status',
  '',
  'onMetaData',
  '@setDataFrame',
  '\u0000',
  '\ud83d\ude00',
] as const

/** AMF0 values one after another, nearly all of them right: every marker, references, wrong counts, deep nesting. */
export function amf0Values(random: Random): Uint8Array {
  const writer = new ByteWriter()
  const count = 1 + random.small(5)
  for (let i = 0; i < count; i++) {
    writeValue(writer, random, random.oneIn(20) ? 40 : random.small(6))
  }
  return writer.bytes()
}

/** One value. @param depth containers that may stand within one another */
export function writeValue(writer: ByteWriter, random: Random, depth: number): void {
  const marker =
    depth > 0 && random.oneIn(2) ? random.pick([3, 8, 10, 16]) : random.below(random.oneIn(20) ? 256 : 18)
  writer.writeUint8(marker)
  switch (marker) {
    case 0:
      writer.writeFloat64(
        random.oneIn(2) ? random.interesting(0xffffffff) : random.pick([NaN, -0, Infinity, 1.5, -1]),
      )
      return
    case 1:
      writer.writeUint8(random.small(255))
      return
    case 2:
      writeText(writer, random)
      return
    case 3:
    case 8:
    case 16:
      writeProperties(writer, random, marker, depth)
      return
    case 7:
      writer.writeUint16(random.oneIn(4) ? random.interesting(0xffff) : random.small(4))
      return
    case 10: {
      const count = random.small(5)
      writer.writeUint32(random.oneIn(10) ? random.interesting(0xffffffff) : count)
      for (let i = 0; i < count; i++) {
        writeValue(writer, random, depth - 1)
      }
      return
    }
    case 11:
      writer.writeFloat64(random.interesting(0xffffffff)).writeUint16(random.small(0xffff))
      return
    case 12:
    case 15: {
      const text = Buffer.from(random.pick(TEXTS))
      writer.writeUint32(random.oneIn(10) ? random.interesting(0xffffffff) : text.length).writeBytes(text)
      return
    }
  }
}

function writeProperties(writer: ByteWriter, random: Random, marker: number, depth: number): void {
  if (marker === 8) {
    writer.writeUint32(random.oneIn(3) ? random.interesting(0xffffffff) : random.small(3))
  }
  if (marker === 16) {
    writeText(writer, random)
  }
  const count = random.small(4)
  for (let i = 0; i < count; i++) {
    const name = Buffer.from(random.pick(NAMES))
    writer.writeUint16(name.length).writeBytes(name)
    writeValue(writer, random, depth - 1)
  }
  if (!random.oneIn(15)) {
    writer.writeUint16(0).writeUint8(9)
  }
}

function writeText(writer: ByteWriter, random: Random): void {
  const text = Buffer.from(random.oneIn(4) ? random.bytes(random.small(20)) : random.pick(TEXTS))
  writer.writeUint16(random.oneIn(20) ? random.interesting(0xffff) : text.length).writeBytes(text)
}
