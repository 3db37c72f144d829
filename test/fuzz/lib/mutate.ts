import type { Random } from './random.ts'

/** Longest input that is made; what is longer says nothing new and takes its time. */
export const MAX_INPUT_BYTES: number = 64 * 1024

const MUTATIONS = [flipBit, setByte, setInteger, remove, repeat, insert, truncate, splice, addToByte] as const

/**
 * Changes an input at one or a few places, as if it knew nothing of its format.
 * @param others inputs that parts may be taken from
 */
export function mutate(input: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = new Uint8Array(input)
  const changes = 1 + random.small(6)
  for (let i = 0; i < changes; i++) {
    bytes = random.pick(MUTATIONS)(bytes, random, others)
  }
  return bytes.subarray(0, MAX_INPUT_BYTES)
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
  return bytes
}

function setByte(bytes: Uint8Array, random: Random): Uint8Array {
  bytes[random.below(bytes.length)] = random.oneIn(2) ? random.interesting(0xff) : random.below(256)
  return bytes
}

function addToByte(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length)
  bytes[at] = (bytes[at] ?? 0) + random.pick([-2, -1, 1, 2])
  return bytes
}

/** Writes a number from the end of a range, in 2, 3, 4 or 8 bytes. */
function setInteger(bytes: Uint8Array, random: Random): Uint8Array {
  const width = random.pick([2, 3, 4, 8])
  if (bytes.length < width) {
    return bytes
  }
  let value = random.interesting(0xffffffff)
  const at = random.below(bytes.length - width + 1)
  const littleEndian = random.oneIn(4)
  for (let i = 0; i < width; i++) {
    bytes[littleEndian ? at + i : at + width - 1 - i] = value % 256
    value = Math.floor(value / 256)
  }
  return bytes
}

function remove(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = range(bytes, random)
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
}

function repeat(bytes: Uint8Array, random: Random): Uint8Array {
  const [from, to] = range(bytes, random)
  const copies = random.list(1 + random.small(5), () => bytes.subarray(from, to))
  return Buffer.concat([bytes.subarray(0, to), ...copies, bytes.subarray(to)])
}

function insert(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1)
  const inserted = random.oneIn(3)
    ? new Uint8Array(random.small(300)).fill(random.interesting(0xff))
    : random.bytes(random.small(16))
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)])
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, random.below(bytes.length + 1))
}

/** The beginning of this one and the end of another. */
function splice(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  if (others.length === 0) {
    return bytes
  }
  const other = random.pick(others)
  const tail = other.subarray(random.below(other.length + 1))
  return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), tail]).subarray(0, MAX_INPUT_BYTES)
}

function range(bytes: Uint8Array, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length + 1)
  return [from, from + random.small(Math.min(bytes.length - from, 2000))]
}
