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

const NOTHING: ConnectionTotals = { bytesReceived: 0, bytesSent: 0 }

/** The connection of a client that has no socket to itself: a request by HTTP, a viewer of HLS, a file, a program. */
export class VirtualConnection implements ClientConnection {
  /** What counts its bytes; read when somebody looks. */
  totals: ConnectionTotals = NOTHING
  #onDisconnect: ((reason: string) => void) | null = null
  #disconnectReason: string | null = null
  readonly #listeners: (() => void)[] = []
  #closed = false

  /** See `ConnectionTotals`. */
  get bytesReceived(): number {
    return this.totals.bytesReceived
  }

  /** See `ConnectionTotals`. */
  get bytesSent(): number {
    return this.totals.bytesSent
  }

  /** What ends the client, and calls `close` then; called at once if the client was disconnected before it could be said. */
  set onDisconnect(onDisconnect: (reason: string) => void) {
    this.#onDisconnect = onDisconnect
    if (this.#disconnectReason !== null) {
      onDisconnect(this.#disconnectReason)
    }
  }

  /** See `ClientConnection`. */
  disconnect(reason: string): void {
    if (this.#disconnectReason === null) {
      this.#disconnectReason = reason
      this.#onDisconnect?.(reason)
    }
  }

  /** See `ClientConnection`. */
  onClose(listener: () => void): void {
    if (this.#closed) {
      listener()
    } else {
      this.#listeners.push(listener)
    }
  }

  /** The client is gone. Idempotent. */
  close(): void {
    this.#closed = true
    for (const listener of this.#listeners.splice(0)) {
      listener()
    }
  }
}
