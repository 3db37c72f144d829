/** Chunk size of both directions until Set Chunk Size (Adobe RTMP 1.0, 5.4.1). */
export const DEFAULT_CHUNK_SIZE_BYTES = 128

/** Largest chunk size there is (31 bits; Adobe RTMP 1.0, 5.4.1). */
export const MAX_CHUNK_SIZE_BYTES = 0x7fffffff

/** Largest message accepted from a peer; a 4K keyframe at 100 Mbit/s has about 2 MiB. */
export const MAX_MESSAGE_BYTES: number = 8 * 1024 * 1024

/** Sum of the lengths of all messages that are under way at once on one connection. */
export const MAX_PARTIAL_MESSAGE_BYTES: number = 12 * 1024 * 1024

/**
 * Sum of the lengths of all messages that are under way at once from a client that was not admitted to publish: it has
 * commands to send, of a few KiB at most.
 */
export const MAX_MESSAGE_BYTES_BEFORE_PUBLISH: number = 64 * 1024

/** Chunk streams one connection may use; real clients use fewer than ten. */
export const MAX_CHUNK_STREAMS = 64

/** Three-byte timestamp field value that announces the extended timestamp (Adobe RTMP 1.0, 5.3.1.3). */
export const EXTENDED_TIMESTAMP_MARK = 0xffffff
