import { createStampNalUnit, STAMP_NAL_UNIT_BYTES } from './stamp.ts'

/**
 * H.264 video without an encoder: one grey picture, 320x240, coded by hand (ITU-T H.264, 7.3; constrained baseline profile),
 * that decoders take. Filler brings the frames to any size.
 */

/** The picture's width, pixels. */
export const SYNTHETIC_WIDTH_PIXELS = 320
/** The picture's height, pixels. */
export const SYNTHETIC_HEIGHT_PIXELS = 240

const MACROBLOCKS: number = (SYNTHETIC_WIDTH_PIXELS / 16) * (SYNTHETIC_HEIGHT_PIXELS / 16)

// Level 4; frame_num has 4 bits; pictures are shown in decoding order (pic_order_cnt_type 2); one reference picture.
const SEQUENCE_PARAMETER_SET = Uint8Array.of(0x67, 0x42, 0xc0, 0x28, 0xda, 0x05, 0x07, 0xe4)
// CAVLC, no deblocking control in slice headers.
const PICTURE_PARAMETER_SET = Uint8Array.of(0x68, 0xce, 0x38, 0x80)

/** frame_num wraps here (log2_max_frame_num_minus4 is 0). */
const FRAME_NUMBERS = 16

const NAL_UNIT_LENGTH_BYTES = 4
const FILLER_NAL_UNIT_TYPE = 12
/** Its type and the stop bit; every byte between them is filler (7.3.2.7). */
const LEAST_FILLER_BYTES = 2
const STOP_BYTE = 0x80

/** Bytes of a tag body's header: frame type and codec, AVCPacketType, CompositionTime (Adobe Video File Format 10.1, E.4.3). */
const TAG_HEADER_BYTES = 5
const AVC_KEYFRAME = 0x17
const AVC_INTER_FRAME = 0x27
const AVC_SEQUENCE_HEADER = 0
const AVC_NAL_UNITS = 1

/** The tag body of the AVC sequence header: ISO/IEC 14496-15, 5.3.3.1. */
export const VIDEO_SEQUENCE_HEADER: Uint8Array = Buffer.concat([
  Uint8Array.of(AVC_KEYFRAME, AVC_SEQUENCE_HEADER, 0, 0, 0),
  // Version, profile, compatibility and level as in the parameter set, 4-byte lengths, one parameter set.
  Uint8Array.of(1, 0x42, 0xc0, 0x28, 0xff, 0xe1, 0, SEQUENCE_PARAMETER_SET.length),
  SEQUENCE_PARAMETER_SET,
  Uint8Array.of(1, 0, PICTURE_PARAMETER_SET.length),
  PICTURE_PARAMETER_SET,
])

/** The smallest tag body `createVideoFrame` makes, bytes. */
export function leastVideoFrameBytes(keyframe: boolean): number {
  const slice = keyframe ? createKeySlice() : createSkippedSlice(1)
  const units = [STAMP_NAL_UNIT_BYTES, slice.length, LEAST_FILLER_BYTES]
  return units.reduce((sum, bytes) => sum + NAL_UNIT_LENGTH_BYTES + bytes, TAG_HEADER_BYTES)
}

/**
 * Makes the tag body of a frame: a stamp to be filled in, the picture, and filler.
 * @param placeInGop frames since the keyframe; 0 is the keyframe
 * @param bytes size of the body, at least `leastVideoFrameBytes`
 */
export function createVideoFrame(placeInGop: number, bytes: number): Uint8Array {
  const keyframe = placeInGop === 0
  const units = [createStampNalUnit(), keyframe ? createKeySlice() : createSkippedSlice(placeInGop)]
  const filler = new Uint8Array(LEAST_FILLER_BYTES + bytes - leastVideoFrameBytes(keyframe)).fill(0xff)
  filler[0] = FILLER_NAL_UNIT_TYPE
  filler[filler.length - 1] = STOP_BYTE
  const body = new Uint8Array(bytes)
  body.set([keyframe ? AVC_KEYFRAME : AVC_INTER_FRAME, AVC_NAL_UNITS])
  let at = TAG_HEADER_BYTES
  for (const unit of [...units, filler]) {
    new DataView(body.buffer).setUint32(at, unit.length)
    body.set(unit, at + NAL_UNIT_LENGTH_BYTES)
    at += NAL_UNIT_LENGTH_BYTES + unit.length
  }
  return body
}

/** How many frames of a GOP differ, apart from stamp and size; after them, places 1 to 16 come again. */
export const DISTINCT_PLACES: number = 1 + FRAME_NUMBERS

/** Where in the frames made for a GOP the one for this place is. */
export function distinctPlace(placeInGop: number): number {
  return placeInGop === 0 ? 0 : 1 + ((placeInGop - 1) % FRAME_NUMBERS)
}

/**
 * An IDR slice of macroblocks that are predicted from nothing and have no residual, which makes them grey. In bits: the
 * slice header 1 0001000 1 0000 1 0 0 1, and for each macroblock 00100111: I_16x16 with DC prediction (mb_type 3), DC for
 * chroma, the same quantiser, no coefficients. The header has an odd bit, so the pattern is seen shifted by one.
 */
function createKeySlice(): Uint8Array {
  const slice = new Uint8Array(3 + MACROBLOCKS + 1).fill(0b1_0010011)
  slice.set([0x65, 0b1_0001000, 0b1_0000_1_0_0])
  slice[slice.length - 1] = 0b1_1_000000
  return slice
}

/**
 * A P slice that skips all macroblocks, so that the picture before is shown again. In bits: first_mb 1, slice_type 00110,
 * parameter set 1, frame_num, three flags 0, quantiser 1, mb_skip_run 00000000100101101 (300), and the stop bit.
 */
function createSkippedSlice(placeInGop: number): Uint8Array {
  const frameNumber = placeInGop % FRAME_NUMBERS
  return Uint8Array.of(
    0x21,
    0b1_00110_1_0 + Math.floor(frameNumber / 8),
    (frameNumber % 8) * 0x20 + 0b000_1_0,
    0b0000000_1,
    0b00101101,
    STOP_BYTE,
  )
}
