import { ProtocolError } from '../../base/index.ts'
import { ByteReader, ByteWriter } from '../../bytes/index.ts'
import { type Message, MessageType } from '../chunk/index.ts'

/** Protocol control and user control travel on chunk stream 2, message stream 0 (Adobe RTMP 1.0, 5.4 and 6.2). */
const CONTROL_CHUNK_STREAM_ID = 2

/** User control event types (Adobe RTMP 1.0, 7.1.7). */
export const UserControlEvent = {
  streamBegin: 0,
  streamEof: 1,
  streamDry: 2,
  setBufferLength: 3,
  streamIsRecorded: 4,
  pingRequest: 6,
  pingResponse: 7,
} as const

/** A decoded user control message. */
export type UserControl = Readonly<{
  /** Event type; see `UserControlEvent`. */
  event: number
  /** First 32-bit argument: a message stream id, or a ping's timestamp. 0 if there is none. */
  value: number
  /** Of SetBufferLength: how much the player buffers, ms. */
  bufferLengthMs?: number
}>

/** Set Chunk Size (5.4.1): the size of the chunks that follow it, bytes. */
export function encodeSetChunkSize(bytes: number): Message {
  return control(MessageType.setChunkSize, new ByteWriter(4).writeUint32(bytes))
}

/** Acknowledgement (5.4.3): bytes received so far; wraps at 32 bits. */
export function encodeAcknowledgement(bytesReceived: number): Message {
  return control(MessageType.acknowledgement, new ByteWriter(4).writeUint32(bytesReceived % 0x100000000))
}

/** Window Acknowledgement Size (5.4.4), bytes. */
export function encodeWindowAcknowledgementSize(bytes: number): Message {
  return control(MessageType.windowAcknowledgementSize, new ByteWriter(4).writeUint32(bytes))
}

/** Set Peer Bandwidth (5.4.5) with limit type 2, dynamic. */
export function encodeSetPeerBandwidth(bytes: number): Message {
  return control(MessageType.setPeerBandwidth, new ByteWriter(5).writeUint32(bytes).writeUint8(2))
}

/** A user control message (6.2) with one 32-bit argument. */
export function encodeUserControl(event: number, value: number): Message {
  return control(MessageType.userControl, new ByteWriter(6).writeUint16(event).writeUint32(value))
}

/** The user control message Set Buffer Length (7.1.7): how much a player buffers of a message stream, ms. */
export function encodeSetBufferLength(streamId: number, bufferMs: number): Message {
  const body = new ByteWriter(10).writeUint16(UserControlEvent.setBufferLength)
  return control(MessageType.userControl, body.writeUint32(streamId).writeUint32(bufferMs))
}

/**
 * Reads a user control message.
 * @throws ProtocolError if there is no event type
 */
export function decodeUserControl(payload: Uint8Array): UserControl {
  const reader = new ByteReader(payload)
  const event = reader.readUint16()
  const value = reader.remaining >= 4 ? reader.readUint32() : 0
  const hasLength = event === UserControlEvent.setBufferLength && reader.remaining >= 4
  return hasLength ? { event, value, bufferLengthMs: reader.readUint32() } : { event, value }
}

/**
 * Reads the 32-bit value of Window Acknowledgement Size or Acknowledgement.
 * @throws ProtocolError if it is cut short
 */
export function decodeControlValue(payload: Uint8Array): number {
  if (payload.length < 4) {
    throw new ProtocolError(`a control message has ${payload.length} bytes, needs 4`)
  }
  return new ByteReader(payload).readUint32()
}

function control(type: number, body: ByteWriter): Message {
  return { type, streamId: 0, timestamp: 0, chunkStreamId: CONTROL_CHUNK_STREAM_ID, payload: body.bytes() }
}
