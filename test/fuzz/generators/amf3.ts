import { ByteWriter } from '../../../src/bytes/index.ts'
import type { Random } from '../lib/random.ts'

const TEXTS = ['a', 'tcUrl', 'rtmp://host/live', '', '__proto__', 'flex.messaging.X', 'é'] as const

const [DATE, ARRAY, OBJECT, BYTES, VECTOR_DOUBLE, VECTOR_OBJECT, DICTIONARY] = [
  8, 9, 10, 12, 15, 16, 17,
] as const

/** AMF3 values one after another, nearly all of them right: every marker, references of all kinds, deep nesting. */
export function amf3Values(random: Random): Uint8Array {
  const writer = new ByteWriter()
  const count = 1 + random.small(5)
  for (let i = 0; i < count; i++) {
    writeValue(writer, random, random.oneIn(20) ? 40 : random.small(5))
  }
  return writer.bytes()
}

function writeValue(writer: ByteWriter, random: Random, depth: number): void {
  const containers = [ARRAY, OBJECT, OBJECT, VECTOR_OBJECT, DICTIONARY]
  const marker =
    depth > 0 && random.oneIn(2) ? random.pick(containers) : random.below(random.oneIn(30) ? 256 : 18)
  writer.writeUint8(marker)
  if (marker === 4) {
    writeU29(writer, random.oneIn(2) ? random.interesting(0x1fffffff) : random.small(300))
  } else if (marker === 5) {
    writer.writeFloat64(random.pick([NaN, -0, 1.5, 2 ** 28, -(2 ** 28) - 1]))
  } else if (marker === 6) {
    writeString(writer, random)
  } else if (marker >= 7 && marker <= DICTIONARY) {
    writeComplex(writer, random, marker, depth)
  }
}

function writeComplex(writer: ByteWriter, random: Random, marker: number, depth: number): void {
  if (random.oneIn(5)) {
    writeU29(writer, random.small(5) * 2)
    return
  }
  const count = random.small(4)
  const length = (random.oneIn(20) ? random.interesting(0xfffffff) : count) * 2 + 1
  if (marker === OBJECT) {
    writeObject(writer, random, depth)
    return
  }
  writeU29(writer, length)
  if (marker === DATE) {
    writer.writeFloat64(random.interesting(0xffffffff))
  } else if (marker === ARRAY) {
    writeMembers(writer, random, depth)
    writeValues(writer, random, count, depth)
  } else if (marker <= BYTES) {
    writer.writeBytes(random.bytes(count))
  } else if (marker <= VECTOR_DOUBLE) {
    writer.writeUint8(random.below(2)).writeBytes(random.bytes(count * (marker === VECTOR_DOUBLE ? 8 : 4)))
  } else {
    writer.writeUint8(random.below(2))
    if (marker === VECTOR_OBJECT) {
      writeString(writer, random)
    }
    writeValues(writer, random, marker === DICTIONARY ? count * 2 : count, depth)
  }
}

/** With traits, a reference to some, or externalizable. */
function writeObject(writer: ByteWriter, random: Random, depth: number): void {
  if (random.oneIn(4)) {
    writeU29(writer, random.small(3) * 4 + 1)
    writeMembers(writer, random, depth)
    return
  }
  const sealed = random.small(3)
  const isDynamic = random.oneIn(2)
  writeU29(writer, (sealed << 4) + (isDynamic ? 8 : 0) + (random.oneIn(20) ? 4 : 0) + 3)
  for (let i = 0; i < sealed + 1; i++) {
    writeString(writer, random)
  }
  writeValues(writer, random, sealed, depth)
  if (isDynamic) {
    writeMembers(writer, random, depth)
  }
}

function writeMembers(writer: ByteWriter, random: Random, depth: number): void {
  const count = random.small(3)
  for (let i = 0; i < count; i++) {
    writeString(writer, random)
    writeValue(writer, random, depth - 1)
  }
  writer.writeUint8(1) // ''
}

function writeValues(writer: ByteWriter, random: Random, count: number, depth: number): void {
  for (let i = 0; i < count; i++) {
    writeValue(writer, random, depth - 1)
  }
}

function writeString(writer: ByteWriter, random: Random): void {
  if (random.oneIn(4)) {
    writeU29(writer, random.small(4) * 2)
    return
  }
  const text = Buffer.from(random.pick(TEXTS))
  writeU29(writer, (random.oneIn(30) ? random.interesting(0xfffffff) : text.length) * 2 + 1)
  writer.writeBytes(text)
}

function writeU29(writer: ByteWriter, value: number): void {
  if (value >= 0x200000) {
    writer.writeUint8(0x80 | (value >>> 22)).writeUint8(0x80 | ((value >>> 15) & 0x7f))
    writer.writeUint8(0x80 | ((value >>> 8) & 0x7f)).writeUint8(value & 0xff)
    return
  }
  if (value >= 0x4000) {
    writer.writeUint8(0x80 | (value >>> 14))
  }
  if (value >= 0x80) {
    writer.writeUint8(0x80 | ((value >>> 7) & 0x7f))
  }
  writer.writeUint8(value & 0x7f)
}
