import { LimitError, ProtocolError } from '../../base/index.ts'
import { ByteReader, ByteWriter } from '../../bytes/index.ts'
import { AudioPacketType, parseAudioTagBody } from './audio-tag-body.ts'
import { AvMultitrackType, readModEx } from './tag-body.ts'
import { parseVideoTagBody, VideoFrameType, VideoPacketType } from './video-tag-body.ts'

/** Tracks one multitrack message may carry, and tracks of one kind that a publisher may send. */
export const MAX_TRACKS = 32

/** What one message says of one track. */
export type TrackTagBody = Readonly<{
  /** 0 is the default track: that of messages that name none. */
  trackId: number
  /** Nanoseconds, 0 to 999 999, that presentation is later than the message's time in ms (ModEx TimestampOffsetNano). */
  nanosecondOffset: number
  /** A tag body without ModEx prefixes and tracks: classic, or enhanced with one FourCC. The message's own if it is so. */
  body: Uint8Array
}>

type Kind = 'audio' | 'video'

const MULTITRACK_PACKET_TYPES = {
  audio: AudioPacketType.multitrack,
  video: VideoPacketType.multitrack,
} as const
const MOD_EX_PACKET_TYPE = 7
const FOURCC_BYTES = 4

/** Whether a tag body has an Enhanced RTMP header (ExVideoTagHeader, ExAudioTagHeader). */
export function isEnhancedTagBody(kind: Kind, body: Uint8Array): boolean {
  const first = body[0] ?? 0
  return kind === 'video' ? first >= 0x80 : first >> 4 === 9
}

/**
 * The FourCC of a tag body as text; null for classic bodies, for commands, and for bodies that are cut short.
 * @param body without ModEx prefixes and tracks
 */
export function fourCcOf(kind: Kind, body: Uint8Array): string | null {
  if (!isEnhancedTagBody(kind, body) || body.length < 1 + FOURCC_BYTES || isCommand(kind, body[0]!)) {
    return null
  }
  return String.fromCharCode(...body.subarray(1, 1 + FOURCC_BYTES))
}

/** Whether a tag body is of one track and has no ModEx prefixes, as nearly all are: `splitTracks` would return it as it is. */
export function isPlainTagBody(kind: Kind, body: Uint8Array): boolean {
  const first = body[0] ?? 0
  const firstType = first & 0x0f
  const isSingle =
    firstType !== MOD_EX_PACKET_TYPE &&
    (firstType !== MULTITRACK_PACKET_TYPES[kind] || isCommand(kind, first))
  return isSingle || !isEnhancedTagBody(kind, body)
}

/**
 * Takes a message apart by tracks (Enhanced RTMP v2, ExVideoTagHeader and ExAudioTagHeader): each becomes a body of its
 * own, as if it had been sent alone. ModEx prefixes are taken off; what is not known of them is lost.
 * @param body a tag body as it was received; read in place
 * @returns the default track first, the others in the message's order. Bodies of one plain track are returned as they are
 * @throws ProtocolError if it is cut short, or laid out in a way not known here
 * @throws LimitError if there are more than `MAX_TRACKS` tracks
 */
export function splitTracks(kind: Kind, body: Uint8Array): readonly TrackTagBody[] {
  if (isPlainTagBody(kind, body)) {
    return [{ trackId: 0, nanosecondOffset: 0, body }]
  }
  const [first = 0] = body
  const multitrack = MULTITRACK_PACKET_TYPES[kind]
  const reader = new ByteReader(body, 1)
  const { packetType, nanosecondOffset } = readModEx(reader, first & 0x0f)
  const head = (first & 0xf0) + packetType
  if (packetType !== multitrack || isCommand(kind, head)) {
    return [{ trackId: 0, nanosecondOffset, body: joined([head], reader.readBytes(reader.remaining)) }]
  }
  const tracks = readTracks(reader, kind, first & 0xf0)
  return tracks
    .map((track) => ({ ...track, nanosecondOffset }))
    .sort((one, other) => Number(other.trackId === 0) - Number(one.trackId === 0))
}

/**
 * A body of one track as a multitrack message of that track alone (AvMultitrackType.OneTrack). Metadata, whose frame type
 * means nothing, gets another than `command`: with that the message would be one.
 * @param body enhanced, with a FourCC, without ModEx prefixes and tracks; copied
 */
export function wrapTrack(kind: Kind, body: Uint8Array, trackId: number): Uint8Array {
  const first = body[0]!
  const multitrack = MULTITRACK_PACKET_TYPES[kind]
  const head = (first & 0xf0) + multitrack
  const typeAndPacketType = AvMultitrackType.oneTrack * 16 + (first & 0x0f)
  const fourCc = body.subarray(1, 1 + FOURCC_BYTES)
  const safeHead = isCommand(kind, head) ? 0x80 + VideoFrameType.interFrame * 16 + multitrack : head
  return joined([safeHead, typeAndPacketType, ...fourCc, trackId], body.subarray(1 + FOURCC_BYTES))
}

/**
 * A body with a ModEx prefix that states a nanosecond offset (TimestampOffsetNano).
 * @param body enhanced; copied
 * @param nanosecondOffset 0 to 999 999
 */
export function prefixNanosecondOffset(body: Uint8Array, nanosecondOffset: number): Uint8Array {
  const first = body[0]!
  const prefix = new ByteWriter(6)
    .writeUint8((first & 0xf0) + MOD_EX_PACKET_TYPE)
    .writeUint8(2) // size less 1
    .writeUint24(nanosecondOffset)
    .writeUint8(first & 0x0f) // above it: TimestampOffsetNano, 0
  return joined(prefix.bytes(), body.subarray(1))
}

/** Whether an enhanced body of H.264, AAC or MP3 says something that classic tags can say, too. */
export function hasClassicForm(kind: Kind, body: Uint8Array): boolean {
  const packetType = body[0]! & 0x0f
  const fourCc = fourCcOf(kind, body)
  switch (fourCc) {
    case 'avc1':
      return packetType <= VideoPacketType.codedFramesX
    case 'mp4a':
      return packetType <= AudioPacketType.codedFrames
    case '.mp3':
      return packetType === AudioPacketType.codedFrames
    default:
      return false
  }
}

/**
 * The classic body (Adobe Video File Format 10.1, E.4.2 and E.4.3) that says the same as an enhanced one of H.264, AAC or MP3.
 * @param body one that `hasClassicForm`; copied
 * @throws ProtocolError if it is cut short
 */
export function toClassicTagBody(kind: Kind, body: Uint8Array): Uint8Array {
  if (kind === 'audio') {
    const { codec, packetType, dataOffset } = parseAudioTagBody(body)
    // 44 kHz, 16 bit, stereo: what decoders are told to ignore for AAC, and find in the frames of MP3.
    return joined(codec === 'aac' ? [0xaf, packetType] : [0x2f], body.subarray(dataOffset))
  }
  const { frameType, packetType, compositionOffset, dataOffset } = parseVideoTagBody(body)
  const isHeader = packetType === VideoPacketType.sequenceStart
  const head = new ByteWriter(5)
    .writeUint8((isHeader ? VideoFrameType.keyFrame : frameType) * 16 + 7)
    .writeUint8(packetType === VideoPacketType.codedFramesX ? VideoPacketType.codedFrames : packetType)
    .writeUint24(compositionOffset & 0xffffff)
  return joined(head.bytes(), body.subarray(dataOffset))
}

function isCommand(kind: Kind, head: number): boolean {
  const isCommandFrame = kind === 'video' && ((head >> 4) & 0x07) === VideoFrameType.command
  // Behind ModEx prefixes another packet type may follow.
  return isCommandFrame && (head & 0x0f) !== VideoPacketType.metadata && (head & 0x0f) !== MOD_EX_PACKET_TYPE
}

function readTracks(
  reader: ByteReader,
  kind: Kind,
  highNibble: number,
): { trackId: number; body: Uint8Array }[] {
  const typeAndPacketType = reader.readUint8()
  const multitrackType = typeAndPacketType >> 4
  const packetType = typeAndPacketType & 0x0f
  if (multitrackType > AvMultitrackType.manyTracksManyCodecs) {
    throw new ProtocolError(`AvMultitrackType ${multitrackType} is not known`)
  }
  if (packetType === MULTITRACK_PACKET_TYPES[kind] || packetType === MOD_EX_PACKET_TYPE) {
    throw new ProtocolError(`tracks of packet type ${packetType} within a multitrack body`)
  }
  const head = highNibble + packetType
  const isEach = multitrackType === AvMultitrackType.manyTracksManyCodecs
  let fourCc = isEach ? new Uint8Array() : reader.readBytes(FOURCC_BYTES)
  const tracks: { trackId: number; body: Uint8Array }[] = []
  do {
    if (tracks.length === MAX_TRACKS) {
      throw new LimitError('MAX_TRACKS', MAX_TRACKS, tracks.length + 1)
    }
    fourCc = isEach ? reader.readBytes(FOURCC_BYTES) : fourCc
    const trackId = reader.readUint8()
    const size = multitrackType === AvMultitrackType.oneTrack ? reader.remaining : reader.readUint24()
    tracks.push({ trackId, body: joined([head, ...fourCc], reader.readBytes(size)) })
  } while (reader.remaining > 0)
  return tracks
}

function joined(head: ArrayLike<number>, rest: Uint8Array): Uint8Array {
  const body = new Uint8Array(head.length + rest.length)
  body.set(head)
  body.set(rest, head.length)
  return body
}
