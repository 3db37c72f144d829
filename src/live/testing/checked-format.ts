import type { Frame } from '../frame.ts'
import type { SegmentWriter } from '../segment-writer.ts'
import type { WireFormat } from '../wire-format.ts'

const TAG_HEAD_BYTES = 5
const LENGTH_BYTES = 4

/** No frame of a test is longer: what says so is no length. */
const MAX_FRAME_BYTES = 1024 * 1024

/** Frames of numbered bodies (`numberedBody`) behind their length, so that each byte that a player gets can be checked. */
export class CheckedFormat implements WireFormat {
  readonly key: string
  /** Memory that segments were written into. */
  readonly memory: Set<ArrayBufferLike> = new Set()

  constructor(key: string) {
    this.key = key
  }

  prelude(): Uint8Array {
    return new Uint8Array(0)
  }

  carries(): boolean {
    return true
  }

  append({ body }: Frame, segment: SegmentWriter): void {
    const target = segment.reserve(LENGTH_BYTES + body.length)
    this.memory.add(target.buffer)
    new DataView(target.buffer, target.byteOffset).setUint32(0, body.length)
    target.set(body, LENGTH_BYTES)
  }
}

/** The body of the video frame with that number, `length` bytes and some. */
export function numberedBody(number: number, keyframe: boolean, length: number): Uint8Array {
  const body = new Uint8Array(TAG_HEAD_BYTES + 4 + length).fill((number * 7) % 251)
  body.set([keyframe ? 0x17 : 0x27, 1, 0, 0, 0])
  new DataView(body.buffer).setUint32(TAG_HEAD_BYTES, number)
  return body
}

/** The number in a body of `numberedBody`. */
export function numberOf(body: Uint8Array): number {
  return new DataView(body.buffer, body.byteOffset).getUint32(TAG_HEAD_BYTES)
}

/** Whether a body is that of a number, in all its bytes. */
export function isWhole(body: Uint8Array, number: number): boolean {
  const expected = numberedBody(number, body[0] === 0x17, body.length - TAG_HEAD_BYTES - 4)
  return Buffer.compare(expected, body) === 0
}

/** Reads what a player got, and says what is wrong with it. */
export class CheckedReader {
  /** Frames that it has read. */
  frames = 0
  /** What was wrong first; null if nothing was. */
  fault: string | null = null
  #rest: Uint8Array = new Uint8Array(0)
  #newest = -1

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    let rest: Uint8Array = Buffer.concat([this.#rest, bytes])
    for (let end = endOfFrame(rest); this.fault === null && end <= rest.length; end = endOfFrame(rest)) {
      this.#check(rest.subarray(LENGTH_BYTES, end))
      rest = rest.subarray(end)
    }
    this.#rest = rest
    if (endOfFrame(rest) > MAX_FRAME_BYTES) {
      this.fault ??= `${endOfFrame(rest)} bytes are said to come after frame ${this.#newest}`
    }
  }

  #check(body: Uint8Array): void {
    const number = body.length < TAG_HEAD_BYTES + 4 ? -1 : numberOf(body)
    if (number <= this.#newest) {
      this.fault = `frame ${number} after frame ${this.#newest}`
    } else if (!isWhole(body, number)) {
      this.fault = `frame ${number} has other bytes`
    }
    this.#newest = number
    this.frames++
  }
}

function endOfFrame(bytes: Uint8Array): number {
  return bytes.length < LENGTH_BYTES
    ? LENGTH_BYTES
    : LENGTH_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
