/** RTMP message type ids (Adobe RTMP 1.0, sections 5.4, 6.2 and 7.1). */
export const MessageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAcknowledgementSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const

/** One RTMP message, whole. */
export type Message = Readonly<{
  /** Message type id; see `MessageType`. Unknown values are possible. */
  type: number
  /** Message stream id; 0 is the connection itself. */
  streamId: number
  /** 32-bit unsigned milliseconds, as sent; wraps after 49.7 days. */
  timestamp: number
  /** Chunk stream the message came on or goes out on, 2 to 65599. */
  chunkStreamId: number
  /** The message's body; exactly its bytes; from a `ChunkReader` the receiver's to keep unless it is lent (`lendsMedia`). */
  payload: Uint8Array
}>
