import { TimeoutError } from '../base/index.ts'
import { PeerProbe } from './peer-probe.ts'
import type { RtmpSessionOptions } from './server-options.ts'
import type { RtmpTransport } from './transport.ts'

/** What the deadlines need to know of a message stream. */
export type StreamActivity = Readonly<{
  /** Something is published on it. */
  publishes: boolean
  /** Something is played on it. */
  plays: boolean
  /** How long what is published may send nothing, ms; 0 for ever. */
  mediaTimeoutMs: number
}>

/** A time in which something must come is looked at so often: a client is closed that much later at most. */
const LOOKS_PER_TIMEOUT = 4

/** What a client is waited for, and for how long: the handshake, then publish or play, then media; and whether it lives. */
export class SessionDeadlines {
  readonly #transport: RtmpTransport
  readonly #options: RtmpSessionOptions
  readonly #probe: PeerProbe
  readonly #mayBeSilent: () => boolean
  #timer: NodeJS.Timeout | undefined
  #mediaTimer: NodeJS.Timeout | undefined
  /** What `#mediaTimer` waits for, ms; 0 without one. */
  #mediaTimeoutMs = 0

  /**
   * Begins with the handshake, which has `handshakeTimeoutMs`.
   * @param mayBeSilent asked at each look that finds nothing new: if nothing need come, it is waited for anew
   */
  constructor(transport: RtmpTransport, options: RtmpSessionOptions, mayBeSilent: () => boolean) {
    this.#mayBeSilent = mayBeSilent
    this.#transport = transport
    this.#options = options
    this.#probe = new PeerProbe(transport, options)
    const { handshakeTimeoutMs } = options
    this.#restart(
      handshakeTimeoutMs,
      `no complete handshake within ${handshakeTimeoutMs} ms (handshakeTimeoutMs)`,
    )
  }

  /** The handshake is done; the client has `setupTimeoutMs` to say what it wants. */
  onHandshake(): void {
    this.#awaitSetup()
  }

  /** Sets what the client is waited for to what it publishes and plays now. */
  update(streams: readonly StreamActivity[]): void {
    const published = streams.filter(({ publishes }) => publishes)
    if (published.length === 0 && streams.every(({ plays }) => !plays)) {
      this.#awaitMedia(0)
      this.#probe.stop()
      this.#awaitSetup()
      return
    }
    clearTimeout(this.#timer)
    // Let go, so that a connection that plays holds none.
    this.#timer = undefined
    this.#probe.start()
    // They share the connection: it is silent when the most patient of them takes it to be.
    const timeouts = published.map(({ mediaTimeoutMs }) => mediaTimeoutMs)
    this.#awaitMedia(timeouts.includes(0) ? 0 : Math.max(0, ...timeouts))
  }

  /** How long nothing may come from the client, which publishes, ms; infinity if that does not matter. */
  get patienceMs(): number {
    return this.#mediaTimeoutMs || Number.POSITIVE_INFINITY
  }

  /** Waits for nothing any more. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#awaitMedia(0)
    this.#probe.stop()
  }

  /**
   * What we send, such as pings, is no sign of life: only what comes counts. Waiting as long as before goes on.
   * @param timeoutMs 0 waits for nothing
   */
  #awaitMedia(timeoutMs: number): void {
    if (timeoutMs === this.#mediaTimeoutMs) {
      return
    }
    clearInterval(this.#mediaTimer)
    this.#mediaTimer = undefined
    this.#mediaTimeoutMs = timeoutMs
    if (timeoutMs === 0) {
      return
    }
    let received = this.#transport.bytesReceived
    let quietLooks = 0
    this.#mediaTimer = setInterval(() => {
      const { bytesReceived } = this.#transport
      // While it may be silent no time counts: whoever has to send again has all of it.
      quietLooks = bytesReceived === received && !this.#mayBeSilent() ? quietLooks + 1 : 0
      received = bytesReceived
      if (quietLooks >= LOOKS_PER_TIMEOUT) {
        clearInterval(this.#mediaTimer)
        this.#transport.close(new TimeoutError(`nothing came from the client for ${timeoutMs} ms`))
      }
    }, timeoutMs / LOOKS_PER_TIMEOUT).unref()
  }

  #awaitSetup(): void {
    const { setupTimeoutMs } = this.#options
    this.#restart(setupTimeoutMs, `no publish or play within ${setupTimeoutMs} ms (setupTimeoutMs)`)
  }

  #restart(timeoutMs: number, reason: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#transport.destroy(new TimeoutError(reason)), timeoutMs).unref()
  }
}
