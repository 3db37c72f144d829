/** What kind of media a message is. */
export type MediaKind = 'audio' | 'video' | 'data'

/** What a protocol tells the player it works for. */
export interface PlayerListener {
  /** The stream was asked for: from here on a viewer waits. */
  onAsked(): void
  /** The server said yes. */
  onAccepted(): void
  /** The server said no, or that it is over. */
  onEnd(reason: string): void
  /** A message of media, whole. `timestampMs` is unsigned 32-bit; `body` is an FLV tag body, the player's to keep. */
  onMedia(kind: MediaKind, timestampMs: number, body: Uint8Array): void
}

/** What brings a stream to one player, on a connection that somebody else reads and writes. */
export interface PlayerProtocol {
  /** The connection is open. */
  begin(): void
  /** Takes the next bytes. @throws ProtocolError when they break the protocol */
  push(bytes: Uint8Array): void
  /** Counts bytes that are not looked at; instead of `push` once `stopParsing` was called. */
  count(length: number): void
  /** Nothing of what comes is of interest any more. */
  stopParsing(): void
  /** Shows the server that somebody is there; called every now and then. */
  keepAlive(): void
}

/** Writes to the connection; gets buffers that don't change any more. */
export type SendBytes = (bytes: Uint8Array) => void
