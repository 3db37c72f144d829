import process from 'node:process'

/**
 * The stamp that synthetic video frames carry: an SEI NAL unit with user data that no player shows (ITU-T H.264, 7.3.2.3
 * and D.1.6, "user_data_unregistered"), whose UUID says that it is ours. It comes first in the frame.
 */

/** What a stamp says. */
export type Stamp = Readonly<{
  /** When the frame was handed to the publisher's socket, ms of `machineNow`. */
  sentMs: number
  /** Number of the video frame, from 0; wraps after 2^28. */
  frame: number
}>

/** Frame numbers wrap here. */
export const STAMP_FRAMES: number = 2 ** 28

/** Bytes of the NAL unit, without a length in front of it. */
export const STAMP_NAL_UNIT_BYTES = 32

/** Where the stamp's NAL unit begins in a tag body: behind the tag's header (5 bytes) and the unit's length (4). */
export const STAMP_OFFSET = 9

// uuid_iso_iec_11578 of the user data: made at random, without a byte that would have to be escaped.
const UUID = Uint8Array.of(
  ...[0x7a, 0x1e, 0x6f, 0x3c, 0x52, 0xd4, 0x4b, 0x8e, 0x9c, 0x35, 0xe1, 0xd0, 0xb7, 0xa9, 0x4f, 0x26],
)
const TIME_BYTES = 8
const FRAME_BYTES = 4
const NAL_UNIT_TYPE_SEI = 6
const PAYLOAD_TYPE_USER_DATA_UNREGISTERED = 5
const STOP_BIT = 0x80
const UUID_OFFSET = 3
const TIME_OFFSET: number = UUID_OFFSET + UUID.length
const FRAME_OFFSET: number = TIME_OFFSET + TIME_BYTES

/** What `performance.now()` lacks to the machine's clock: the best of a few looks, as a pause may come between the two. */
const ORIGIN_MS: number = Math.min(...Array.from({ length: 10 }, originNow))

function originNow(): number {
  const now = performance.now()
  return Number(process.hrtime.bigint()) / 1e6 - now
}

/** The machine's monotonic clock, ms with microseconds: on Linux and macOS the same in every process of the machine. */
export function machineNow(): number {
  return ORIGIN_MS + performance.now()
}

/** Makes the stamp's NAL unit; `writeStamp` fills it in. */
export function createStampNalUnit(): Uint8Array {
  const unit = new Uint8Array(STAMP_NAL_UNIT_BYTES)
  const payloadBytes = UUID.length + TIME_BYTES + FRAME_BYTES
  unit.set([NAL_UNIT_TYPE_SEI, PAYLOAD_TYPE_USER_DATA_UNREGISTERED, payloadBytes])
  unit.set(UUID, UUID_OFFSET)
  unit[STAMP_NAL_UNIT_BYTES - 1] = STOP_BIT
  writeStamp(unit, 0, { sentMs: 0, frame: 0 })
  return unit
}

/**
 * Fills in a stamp's NAL unit that is already at `offset` of `target`. Seven bits go into a byte, the highest bit set, so
 * that no byte is 0 and nothing has to be escaped (7.4.1.1).
 */
export function writeStamp(target: Uint8Array, offset: number, stamp: Stamp): void {
  writeSevenBits(target, offset + TIME_OFFSET, TIME_BYTES, Math.round(stamp.sentMs * 1000))
  writeSevenBits(target, offset + FRAME_OFFSET, FRAME_BYTES, stamp.frame % STAMP_FRAMES)
}

/** Reads the stamp of a video tag body; null if it has none. */
export function readStamp(body: Uint8Array): Stamp | null {
  if (body.length < STAMP_OFFSET + STAMP_NAL_UNIT_BYTES) {
    return null
  }
  const uuidOffset = STAMP_OFFSET + UUID_OFFSET
  for (let index = 0; index < UUID.length; index++) {
    if (body[uuidOffset + index] !== UUID[index]) {
      return null
    }
  }
  return {
    sentMs: readSevenBits(body, STAMP_OFFSET + TIME_OFFSET, TIME_BYTES) / 1000,
    frame: readSevenBits(body, STAMP_OFFSET + FRAME_OFFSET, FRAME_BYTES),
  }
}

function writeSevenBits(target: Uint8Array, offset: number, length: number, value: number): void {
  let rest = value
  for (let at = offset + length - 1; at >= offset; at--) {
    target[at] = 0x80 + (rest % 0x80)
    rest = Math.floor(rest / 0x80)
  }
}

function readSevenBits(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0
  for (let at = offset; at < offset + length; at++) {
    value = value * 0x80 + ((bytes[at] ?? 0) % 0x80)
  }
  return value
}
