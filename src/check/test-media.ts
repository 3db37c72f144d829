import { ByteWriter } from '../bytes/index.ts'

/** A decoder configuration of H.264, baseline, 160x120: ISO/IEC 14496-15, 5.3.3.1. */
const AVC_CONFIGURATION =
  '0142c00dffe1001a6742c00dd90283f420000003002000000300c080000001280000000001000568cb83cb20'

/** Bodies of audio and video messages as encoders send them; pictures are no pictures, servers don't look into them. */
export const testMedia = {
  /** The sequence header of H.264. */
  avcHeader: (): Uint8Array => Buffer.from(`1700000000${AVC_CONFIGURATION}`, 'hex'),
  /** The sequence header of AAC-LC, 44.1 kHz, stereo. */
  aacHeader: (): Uint8Array => Buffer.from('af001210', 'hex'),
  /** A keyframe of H.264. @param length of the NAL unit, bytes @param mark its bytes, so that it can be told apart */
  keyFrame: (length: number, mark: number): Uint8Array => avcFrame(0x17, 0x65, length, mark),
  /** A frame between keyframes. */
  interFrame: (length: number, mark: number): Uint8Array => avcFrame(0x27, 0x41, length, mark),
  /** A frame of AAC. */
  aacFrame: (length: number, mark: number): Uint8Array =>
    new ByteWriter().writeUint16(0xaf01).writeBytes(filled(length, mark)).bytes(),
  /** A body of Enhanced RTMP: a first byte, a FourCC, and a payload. */
  enhanced: (firstByte: number, fourCc: string, length: number, mark: number): Uint8Array =>
    Buffer.concat([Uint8Array.of(firstByte), Buffer.from(fourCc, 'latin1'), filled(length, mark)]),
} as const

/** A frame of one NAL unit, with composition offset 0. */
function avcFrame(firstByte: number, nalUnitType: number, length: number, mark: number): Uint8Array {
  const writer = new ByteWriter().writeUint8(firstByte).writeUint32(0x01000000).writeUint32(length)
  return writer
    .writeUint8(nalUnitType)
    .writeBytes(filled(length - 1, mark))
    .bytes()
}

function filled(length: number, mark: number): Uint8Array {
  return new Uint8Array(length).fill(mark)
}
