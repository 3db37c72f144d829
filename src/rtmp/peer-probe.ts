import { TimeoutError } from '../base/index.ts'

/** Pings that a client may leave unanswered from the start before it is taken for one that ignores them, as many do. */
export const MAX_IGNORED_PINGS = 3

/** What a probe needs of a connection. */
export interface ProbedPeer {
  /** Bytes received so far. */
  readonly bytesReceived: number
  /** Ping responses received so far. */
  readonly pongsReceived: number
  /** Bytes handed to the socket so far, pings included. */
  readonly bytesQueued: number
  /** The socket takes nothing for now. */
  readonly blocked: boolean
  /** Sends a ping request. */
  ping(): void
  /** Ends the connection at once. */
  destroy(error: Error): void
}

/** How clients are probed. */
export type ProbeOptions = Readonly<{
  /** A client to which and from which nothing goes is pinged so often, ms; 0 never. Default 30 000. */
  pingIntervalMs: number
  /**
   * A client is closed that has sent nothing for so long, while it took nothing or left pings unanswered that it used to answer,
   * ms. Default 90 000.
   */
  pingTimeoutMs: number
}>

/**
 * Finds clients whose machine or network is gone, while they publish or play. One that takes media, or that never answered a
 * ping, is not closed for its silence: players have nothing to say, and many ignore pings.
 */
export class PeerProbe {
  readonly #peer: ProbedPeer
  readonly #options: ProbeOptions
  #timer: NodeJS.Timeout | undefined
  #received = 0
  #queued = 0
  /** How long it has sent nothing and taken nothing. */
  #blockedMs = 0
  /** Pings since it last sent or took something. */
  #unanswered = 0

  /** Probes nothing until `start`. */
  constructor(peer: ProbedPeer, options: ProbeOptions) {
    this.#peer = peer
    this.#options = options
  }

  /** Begins to probe; goes on if it does already. */
  start(): void {
    const { pingIntervalMs } = this.#options
    if (this.#timer === undefined && pingIntervalMs > 0) {
      this.#forgive()
      this.#timer = setInterval(() => this.#look(), pingIntervalMs).unref()
    }
  }

  /** Probes no more. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const { bytesReceived, bytesQueued, pongsReceived, blocked } = this.#peer
    const { pingIntervalMs, pingTimeoutMs } = this.#options
    const spoke = bytesReceived !== this.#received
    const fed = bytesQueued !== this.#queued
    if (blocked && !spoke) {
      this.#blockedMs += pingIntervalMs
      if (this.#blockedMs >= pingTimeoutMs) {
        this.#end(`sent nothing and took nothing for ${this.#blockedMs} ms`)
      }
      return
    }
    if (spoke || fed) {
      this.#forgive()
    }
    if (fed) {
      return
    }
    if (pongsReceived > 0 && this.#unanswered * pingIntervalMs >= pingTimeoutMs) {
      this.#end(`answered no ping for ${this.#unanswered * pingIntervalMs} ms, though it had answered before`)
    } else if (pongsReceived > 0 || this.#unanswered < MAX_IGNORED_PINGS) {
      // One that ignores pings is left to TCP, whose probes would wait behind pings that a dead peer does not take.
      this.#peer.ping()
      this.#unanswered++
      this.#queued = this.#peer.bytesQueued
    }
  }

  #forgive(): void {
    this.#received = this.#peer.bytesReceived
    this.#queued = this.#peer.bytesQueued
    this.#blockedMs = 0
    this.#unanswered = 0
  }

  #end(what: string): void {
    this.stop()
    this.#peer.destroy(new TimeoutError(`the client ${what} (pingTimeoutMs)`))
  }
}
