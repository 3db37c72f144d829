import { TimeoutError } from '../base/index.ts'
import type { RtmpSessionOptions } from './server-options.ts'
import type { RtmpTransport } from './transport.ts'

/** What the deadlines need to know of a message stream. */
export type StreamActivity = Readonly<{
  /** Something is published on it. */
  publishes: boolean
  /** Something is played on it. */
  plays: boolean
  /** The present publication has sent media. */
  mediaSeen: boolean
}>

/** What a client is waited for, and for how long: the handshake, then publish or play, then media. */
export class SessionDeadlines {
  readonly #transport: RtmpTransport
  readonly #options: RtmpSessionOptions
  #timer: NodeJS.Timeout | undefined

  /** Begins with the handshake, which has `handshakeTimeoutMs`. */
  constructor(transport: RtmpTransport, options: RtmpSessionOptions) {
    this.#transport = transport
    this.#options = options
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
    this.stop()
    const published = streams.filter(({ publishes }) => publishes)
    if (published.length > 0) {
      const { firstMediaTimeoutMs, mediaTimeoutMs } = this.#options
      const allSend = published.every(({ mediaSeen }) => mediaSeen)
      this.#transport.setIdleTimeout(allSend ? mediaTimeoutMs : firstMediaTimeoutMs)
      return
    }
    this.#transport.setIdleTimeout(0)
    if (streams.every(({ plays }) => !plays)) {
      this.#awaitSetup()
    }
  }

  /** Waits for nothing any more. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
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
