import type { Http2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { listWith } from '../base/index.ts'

/** After `SocketSink.end`, a peer gets so long to take what is queued, ms. */
export const SINK_END_TIMEOUT_MS = 10_000

/** Who waits until a socket takes bytes again. */
export interface DrainListener {
  /** It does. */
  onDrain(): void
}

const NOBODY: readonly DrainListener[] = []

/**
 * The writing end of one TCP, TLS or Unix socket or HTTP/2 stream, with back-pressure; the only place that calls `socket.write`.
 * Once `blocked`, at most `writableHighWaterMark` plus one write of memory waits in this process for the peer.
 */
export class SocketSink {
  readonly #socket: Socket | Http2Stream
  /** Most sockets have one at most; not changed in place, so that a listener may end itself. */
  #drainListeners: readonly DrainListener[] = NOBODY
  #bytesQueued = 0
  #ending = false
  #noDelay = true

  /** @param socket an open socket; the sink never closes it on its own */
  constructor(socket: Socket | Http2Stream) {
    this.#socket = socket
    if ('setNoDelay' in socket) {
      // Media is written in pieces that are complete already: waiting to fill a segment only adds latency.
      socket.setNoDelay(true)
    }
    socket.on('drain', () => this.#drained())
  }

  /**
   * The socket sends what is written at once, as it does at first; false lets the system wait to fill a packet (Nagle). The
   * streams of an HTTP/2 connection share its socket and leave it as it is.
   */
  set noDelay(noDelay: boolean) {
    if (noDelay !== this.#noDelay && 'setNoDelay' in this.#socket) {
      this.#noDelay = noDelay
      this.#socket.setNoDelay(noDelay)
    }
  }

  /** True when the socket takes no more for now; `onDrain` tells when it does again. Also true once closed. */
  get blocked(): boolean {
    return this.#socket.writableNeedDrain || !this.#socket.writable
  }

  /**
   * Of what was written last, so many bytes at most have not been taken by the system: the socket still reads them, also after it was closed.
   */
  get bytesWaiting(): number {
    return this.#socket.writableLength
  }

  /** True once the socket can't be written any more. */
  get closed(): boolean {
    return !this.#socket.writable
  }

  /** Bytes handed to this sink since it was made, whether or not the peer has taken them yet. */
  get bytesQueued(): number {
    return this.#bytesQueued
  }

  /** Tells `listener` each time that the socket takes bytes again after it was blocked. */
  addDrainListener(listener: DrainListener): void {
    this.#drainListeners = listWith(this.#drainListeners, listener)
  }

  /** Tells it no more. */
  removeDrainListener(listener: DrainListener): void {
    this.#drainListeners = this.#drainListeners.filter((each) => each !== listener)
  }

  /**
   * Writes bytes that must not change afterwards (they may be shared with other sinks).
   * @returns false if the socket is blocked from now on; after a close the bytes are dropped
   */
  write(bytes: Uint8Array): boolean {
    if (!this.#socket.writable) {
      return false
    }
    this.#bytesQueued += bytes.length
    return this.#socket.write(bytes)
  }

  /** Holds writes back until `uncork`, which sends them in one system call. */
  cork(): void {
    this.#socket.cork()
  }

  /** Ends what `cork` began. */
  uncork(): void {
    this.#socket.uncork()
  }

  /** Sends what is queued, then closes both directions; what the peer has not taken after `SINK_END_TIMEOUT_MS` is dropped. */
  end(): void {
    this.#limitEnd()
    const socket = this.#socket
    if ('destroySoon' in socket) {
      socket.destroySoon()
    } else {
      // An HTTP/2 stream is closed when both sides have ended it.
      socket.end()
    }
  }

  /**
   * Sends what is queued and then no more; it is left to the peer to close. What a closed socket still gets makes the system
   * drop what it has not sent yet, so this is the end for those whose last bytes count. Bounded by `SINK_END_TIMEOUT_MS`, too.
   * The socket must be read from meanwhile.
   */
  finish(): void {
    this.#limitEnd()
    this.#socket.end()
  }

  /** Closes at once; what is queued is dropped. */
  destroy(): void {
    this.#socket.destroy()
  }

  /** A peer that reads nothing would keep the socket, and what is queued for it, for ever. */
  #limitEnd(): void {
    const socket = this.#socket
    if (!this.#ending && !socket.destroyed) {
      this.#ending = true
      const timer = setTimeout(() => socket.destroy(), SINK_END_TIMEOUT_MS).unref()
      socket.once('close', () => clearTimeout(timer))
    }
  }

  #drained(): void {
    for (const listener of this.#drainListeners) {
      listener.onDrain()
    }
  }
}
