import type { Socket } from 'node:net'

/**
 * Connections whose time is over. They are closed one turn of the event loop later, unless a request has been read by then: Node looks
 * for those that are late before it reads what has come, and when it was busy that may have been there in time.
 */
export class LateConnections {
  readonly #late = new Set<Socket>()

  /** The time of a connection is over. @param close closes it */
  add(socket: Socket, close: () => void): void {
    if (this.#late.has(socket)) {
      return
    }
    this.#late.add(socket)
    // Comes behind the sockets of this turn.
    setImmediate(() => {
      if (this.#late.delete(socket) && !socket.destroyed) {
        close()
      }
    })
  }

  /** Whether there are none, as nearly always: then nobody needs to be kept. */
  get isEmpty(): boolean {
    return this.#late.size === 0
  }

  /** A request has been read from a connection: it stays. */
  keep(socket: Socket): void {
    this.#late.delete(socket)
  }
}
