import { ProtocolError } from '../../base/index.ts'
import type { ByteReader } from '../../bytes/index.ts'

/** What audio and video tag bodies have in common: where the payload is, and which track it belongs to. */
export type TagBodyInfo = Readonly<{
  /** Where the codec's payload begins in the body. */
  dataOffset: number
  /** Where the payload ends: at the body's end, unless more tracks follow. */
  dataEnd: number
  /** The body has an Enhanced RTMP header. */
  enhanced: boolean
  /** The payload is one track of an Enhanced RTMP multitrack body: the first if there are several. */
  multitrack: boolean
  /** The track the payload belongs to; 0, the default track, unless `multitrack`. */
  trackId: number
}>

/** What the prefixes shared by enhanced video and audio bodies say; the reader stands behind them, at the first track. */
export type EnhancedHeader = Readonly<{
  /** The packet type behind all ModEx prefixes, and of multitrack bodies that of their tracks. */
  packetType: number
  /** FourCC as a big-endian number; 0 if the body states none. */
  fourCc: number
  /** Nothing but a command byte follows. */
  command: boolean
  /** The body carries tracks. */
  multitrack: boolean
  /** Id of the first track; 0 if not multitrack. */
  trackId: number
  /** Where the first track ends in the body. */
  dataEnd: number
}>

/** Where enhanced video and audio differ. */
export type EnhancedHeaderOptions = Readonly<{
  /** The packet type that announces tracks. */
  multitrackPacketType: number
  /** Whether a body of this packet type is only a command. */
  isCommand: (packetType: number) => boolean
}>

const MOD_EX_PACKET_TYPE = 7

// The only ModExType there is as yet: UI24 nanoseconds.
const TIMESTAMP_OFFSET_NANO = 0
const MAX_NANOSECOND_OFFSET = 999_999

/** How tracks lie in a multitrack body (Enhanced RTMP v2): the upper half of the byte behind the ModEx prefixes. */
export const AvMultitrackType = {
  /** FourCC, track id, and the rest is its payload. */
  oneTrack: 0,
  /** FourCC, then for each track its id, a size and the payload. */
  manyTracks: 1,
  /** For each track FourCC, id, size and payload. */
  manyTracksManyCodecs: 2,
} as const

/** A FourCC of four ASCII characters as the big-endian number it is read as. */
export function fourCcToNumber(fourCc: string): number {
  return [...fourCc].reduce((number, character) => number * 256 + character.charCodeAt(0), 0)
}

/**
 * Reads ModEx prefixes, the multitrack header and the FourCC: Enhanced RTMP v2, ExVideoTagHeader and ExAudioTagHeader.
 * @param reader stands behind the body's first byte
 * @param firstPacketType packet type from that byte
 * @throws ProtocolError if the body ends before its payload
 */
export function readEnhancedHeader(
  reader: ByteReader,
  firstPacketType: number,
  options: EnhancedHeaderOptions,
): EnhancedHeader {
  const { packetType } = readModEx(reader, firstPacketType)
  const end = reader.offset + reader.remaining
  const single = { packetType, fourCc: 0, command: false, multitrack: false, trackId: 0, dataEnd: end }
  if (options.isCommand(packetType)) {
    return { ...single, command: true }
  }
  if (packetType !== options.multitrackPacketType) {
    return { ...single, fourCc: reader.readUint32() }
  }
  const typeAndPacketType = reader.readUint8()
  const multitrackType = typeAndPacketType >> 4
  const tracks = { ...single, packetType: typeAndPacketType & 0x0f, multitrack: true }
  if (multitrackType > AvMultitrackType.manyTracksManyCodecs) {
    // A layout of the future: nothing behind it can be read.
    return tracks
  }
  // The FourCC stands before all tracks or in each, which for the first one is the same place.
  const fourCc = reader.readUint32()
  const trackId = reader.readUint8()
  if (multitrackType === AvMultitrackType.oneTrack) {
    return { ...tracks, fourCc, trackId }
  }
  const dataEnd = reader.readUint24() + reader.offset
  if (dataEnd > end) {
    throw new ProtocolError(`track ${trackId} ends at offset ${dataEnd} of ${end} bytes`)
  }
  return { ...tracks, fourCc, trackId, dataEnd }
}

/** Throws ProtocolError if what was read of the first track lies behind its end. */
export function checkTrackEnd(reader: ByteReader, header: EnhancedHeader): void {
  if (reader.offset > header.dataEnd) {
    throw new ProtocolError(`track ${header.trackId} ends inside its header at offset ${header.dataEnd}`)
  }
}

/**
 * Reads ModEx prefixes: each is data, then the packet type that would have stood before it. Unknown ones are passed over.
 * @param reader stands behind the body's first byte
 * @param firstPacketType packet type from that byte
 * @returns the packet type behind the prefixes, and the nanoseconds they state; 0 if they state none
 * @throws ProtocolError if the body ends within them
 */
export function readModEx(
  reader: ByteReader,
  firstPacketType: number,
): { packetType: number; nanosecondOffset: number } {
  let packetType = firstPacketType
  let nanosecondOffset = 0
  while (packetType === MOD_EX_PACKET_TYPE) {
    const shortSize = reader.readUint8() + 1
    const size = shortSize === 256 ? reader.readUint16() + 1 : shortSize
    const data = reader.readBytes(size)
    const typeAndPacketType = reader.readUint8()
    packetType = typeAndPacketType & 0x0f
    if (typeAndPacketType >> 4 === TIMESTAMP_OFFSET_NANO && size >= 3) {
      const nanoseconds = data[0]! * 0x10000 + data[1]! * 0x100 + data[2]!
      nanosecondOffset = nanoseconds <= MAX_NANOSECOND_OFFSET ? nanoseconds : nanosecondOffset
    }
  }
  return { packetType, nanosecondOffset }
}
