/** Bytes of a connection, from its start. */
export type ConnectionTotals = Readonly<{
  /** Bytes that came from the client. */
  bytesReceived: number
  /** Bytes handed to its socket, whether or not it has taken them yet. */
  bytesSent: number
}>

/**
 * The connection of a client, given by its protocol. Where a client is one of many on a connection (a request by HTTP), or has none
 * (HLS), it is the client's part that is meant. Counters are read when somebody looks.
 */
export interface ClientConnection extends ConnectionTotals {
  /**
   * Ends it; idempotent. What is published or played there is ended by who calls this.
   * @param reason a sentence that goes to the client, where its protocol can say it, and to the log
   */
  disconnect(reason: string): void
  /** Calls `listener` once, when it is gone; at once if it is. By then nothing is published or played on it any more. */
  onClose(listener: () => void): void
}

/** How far a player has come; read when somebody looks. */
export type PlayProgress = Readonly<{
  /** Media between the newest that there is and the next it will get, ms. */
  lagMs: number
  /** How often it was too far behind and skipped to the newest keyframe. */
  skips: number
}>
