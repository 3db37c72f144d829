import { ProtocolError } from '../../base/index.ts'
import { type Amf0Object, type Amf0Value, encodeAmf0, isAmf0Object } from '../../media/index.ts'
import { type Message, MessageType } from '../chunk/index.ts'
import { decodeMessageValues } from './amf3.ts'

/** Chunk streams that SRS sends commands on: 3 for the connection, 5 for a message stream. */
export const CONNECTION_CHUNK_STREAM_ID = 3
/** Chunk stream of `onStatus` and other commands of a message stream. */
export const STREAM_CHUNK_STREAM_ID = 5

/** A command message, decoded (Adobe RTMP 1.0, 7.1.1). */
export type Command = Readonly<{
  /** Procedure name, e.g. 'connect'. */
  name: string
  /** Transaction id; 0 if no answer is expected. */
  transactionId: number
  /** Command object; null where the command has none. */
  object: Amf0Object | null
  /** What follows the command object. */
  args: readonly Amf0Value[]
  /** Message stream it came on. */
  streamId: number
}>

/**
 * Decodes an AMF0 or AMF3 command message; AMF3 values come as what AMF0 can say of them.
 * @throws ProtocolError if it is not a command
 */
export function decodeCommand(message: Message): Command {
  const [name, transactionId, object, ...args] = decodeMessageValues(message)
  if (typeof name !== 'string') {
    throw new ProtocolError('a command message does not begin with the command name')
  }
  return {
    name,
    transactionId: typeof transactionId === 'number' ? transactionId : 0,
    object: isAmf0Object(object) ? object : null,
    args,
    streamId: message.streamId,
  }
}

/** Encodes a command: name, transaction id, and the rest as it is (the command object, or null, first). */
export function encodeCommand(
  name: string,
  transactionId: number,
  values: readonly Amf0Value[],
  streamId: number = 0,
  chunkStreamId: number = streamId === 0 ? CONNECTION_CHUNK_STREAM_ID : STREAM_CHUNK_STREAM_ID,
): Message {
  return {
    type: MessageType.commandAmf0,
    streamId,
    timestamp: 0,
    chunkStreamId,
    payload: encodeAmf0(name, transactionId, ...values),
  }
}

/** The same command in the form that clients that speak AMF3 expect: message type 17, AMF0 behind one zero byte. */
export function toAmf3Command(message: Message): Message {
  if (message.type !== MessageType.commandAmf0) {
    return message
  }
  const payload = new Uint8Array(1 + message.payload.length)
  payload.set(message.payload, 1)
  return { ...message, type: MessageType.commandAmf3, payload }
}

/** Encodes a data message, e.g. `|RtmpSampleAccess`. */
export function encodeData(values: readonly Amf0Value[], streamId: number): Message {
  return {
    type: MessageType.dataAmf0,
    streamId,
    timestamp: 0,
    chunkStreamId: STREAM_CHUNK_STREAM_ID,
    payload: encodeAmf0(...values),
  }
}
