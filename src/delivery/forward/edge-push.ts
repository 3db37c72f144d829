import {
  Backoff,
  type BackoffOptions,
  type Clock,
  type Logger,
  type Ms,
  RejectedError,
  redactSecrets,
  toError,
} from '../../base/index.ts'
import type { Onward, RelayState, RelayStatus, Stream, StreamRequest } from '../../live/index.ts'
import type { ServerHealth } from '../../net/index.ts'
import type { RtmpPublisherOptions } from '../../rtmp/index.ts'
import type { Destination } from './destination.ts'
import type { ForwardConnect } from './forward-output.ts'
import { type ForwardConnection, type ForwardCounts, ForwardSession } from './forward-session.ts'

/** How an edge waits between rounds over the origins while none takes what is published. */
export const PUSH_BACKOFF: BackoffOptions = { firstMs: 500, maxMs: 5_000, jitter: 0.5, healthyMs: 10_000 }

/** A publisher whose stream no origin has taken for so long is disconnected, ms, so that it notices. */
export const MAX_PUSH_OUTAGE_MS = 30_000

/** An origin that takes what an edge pushes. */
export type PushOrigin = Readonly<{
  /** What its health is remembered by. */
  server: string
  /** What is connected to, and published as. */
  destination: Destination
}>

/** What an edge push is made with. What is a function is asked each time: settings may change. */
export type EdgePushSetup = Readonly<{
  /** Unique in this process. */
  id: string
  /** What the publisher asked. */
  request: StreamRequest
  /** The origins, who is preferred first. */
  origins: () => readonly PushOrigin[]
  /** What is known of them; shared with pulls. */
  health: ServerHealth
  /** How to connect. */
  options: () => RtmpPublisherOptions
  /** The servers that the stream has come through, this one last. */
  trail: (stream: Stream | null) => readonly string[]
  /** Publishes to an origin. */
  connect: ForwardConnect
  /** It is over. */
  onEnd: () => void
  /** Whether another publisher of the stream is being asked about: then this one waits with another attempt. */
  isContested: () => boolean
  /** Times outages. */
  clock: Clock
  /** Told of each begin, failure and end. */
  logger: Logger
}>

/** Nothing was sent. */
const NOTHING: ForwardCounts = { bytes: 0, frames: 0, skips: 0 }

/**
 * What is published at an edge, on its way to an origin: one connection at a time, so that it is published there once. It stands
 * before the publisher is told that it may begin; if it is lost another origin is asked.
 */
export class EdgePush implements Onward {
  readonly #setup: EdgePushSetup
  readonly #logger: Logger
  readonly #backoff: Backoff
  readonly #stopping = new AbortController()
  #connection: ForwardConnection | null = null
  #session: ForwardSession | null = null
  #stream: Stream | null = null
  #running: Promise<void> | null = null
  #state: RelayState = 'connecting'
  #since: Ms
  #address = ''
  #failures = 0
  #failovers = 0
  #lastServer: string | null = null
  #lastError: string | null = null
  #sent: ForwardCounts = NOTHING

  private constructor(setup: EdgePushSetup) {
    this.#setup = setup
    this.#logger = setup.logger.child({ relay: setup.id, client: setup.request.client.id })
    this.#backoff = new Backoff(PUSH_BACKOFF, setup.clock)
    this.#since = setup.clock.wallTime()
  }

  /**
   * Publishes to the first origin that takes it.
   * @throws RejectedError with the reason: of an origin that refuses, or that none can be reached
   */
  static async open(setup: EdgePushSetup): Promise<EdgePush> {
    const push = new EdgePush(setup)
    try {
      push.#connection = await push.#connect()
      return push
    } catch (error) {
      push.cancel()
      throw error
    }
  }

  /** What it does, and has done. */
  get status(): RelayStatus {
    const { bytes, frames, skips } = this.#counts
    return {
      id: this.#setup.id,
      kind: 'push',
      stream: this.#stream?.key ?? '',
      address: this.#address,
      state: this.#state,
      since: this.#since,
      failures: this.#failures,
      failovers: this.#failovers,
      lastError: this.#lastError,
      bytes,
      frames,
      lagMs: this.#session?.lagMs ?? 0,
      skips,
    }
  }

  /** The publication has begun. */
  begin(stream: Stream): void {
    this.#stream = stream
    this.#running = this.#run(stream)
  }

  /** The publication will not begin. */
  cancel(): void {
    void this.end()
  }

  /** Goes on with the present origin if it is still one, or else with another. */
  update(): void {
    const isStill = this.#setup.origins().some(({ destination }) => destination.shown === this.#address)
    if (!isStill) {
      this.#session?.end('the settings have it no more')
    }
  }

  /** Unpublishes, and ends for good. Idempotent; resolves when nothing is left. */
  async end(): Promise<void> {
    this.#enter('closed')
    this.#stopping.abort(new Error('it is closed'))
    this.#session?.end('it is closed')
    this.#setup.onEnd()
    await (this.#running ?? this.#connection?.close())
  }

  get #counts(): ForwardCounts {
    const { bytes, frames, skips } = this.#session?.counts ?? NOTHING
    return {
      bytes: this.#sent.bytes + bytes,
      frames: this.#sent.frames + frames,
      skips: this.#sent.skips + skips,
    }
  }

  get #closed(): boolean {
    return this.#stopping.signal.aborted
  }

  async #run(stream: Stream): Promise<void> {
    let lostAt: number | null = null
    while (!this.#closed) {
      const connection = this.#connection ?? (await this.#reconnect())
      if (connection !== null) {
        lostAt = null
        await this.#send(stream, connection)
        continue
      }
      lostAt ??= this.#setup.clock.now()
      if (!this.#closed && this.#setup.clock.now() - lostAt >= MAX_PUSH_OUTAGE_MS) {
        const message = `no origin has taken the stream for ${MAX_PUSH_OUTAGE_MS} ms (MAX_PUSH_OUTAGE_MS): ${this.#lastError}`
        this.#logger.warn({ stream: stream.key, reason: message }, 'an edge gives a publisher up')
        this.#stopping.abort(new Error(message))
        this.#setup.onEnd()
        stream.publication?.revoke({ code: 'closed', message })
        return
      }
      await this.#rest()
    }
  }

  /** Sends for as long as the connection lasts. */
  async #send(stream: Stream, connection: ForwardConnection): Promise<void> {
    const session = new ForwardSession(stream, connection, () => this.#setup.trail(stream))
    const startedAt = this.#setup.clock.now()
    this.#session = session
    this.#backoff.work()
    this.#enter('running')
    this.#logger.info({ stream: stream.key, origin: this.#address }, 'pushed to an origin')
    const reason = await session.ended
    await session.close()
    this.#sent = this.#counts
    this.#session = null
    this.#connection = null
    if (!this.#closed) {
      // Whatever it was, another is asked first for a while.
      this.#setup.health.fail(this.#lastServer ?? '')
      this.#fail(reason)
    }
    if (this.#setup.clock.now() - startedAt < PUSH_BACKOFF.healthyMs) {
      // One that lets in and closes must not be asked in a rush.
      await this.#rest()
    }
  }

  async #reconnect(): Promise<ForwardConnection | null> {
    if (this.#setup.isContested()) {
      return null
    }
    try {
      this.#connection = await this.#connect()
      return this.#connection
    } catch {
      // It is told where it happens; the loop looks whether to go on.
      return null
    }
  }

  /** @throws RejectedError if no origin takes it */
  async #connect(): Promise<ForwardConnection> {
    const { origins, health, options, trail, connect } = this.#setup
    this.#enter('connecting')
    const reasons: string[] = []
    for (const { server, destination } of health.order(origins())) {
      this.#address = destination.shown
      try {
        const { signal } = this.#stopping
        const how = { ...options(), relayTrail: trail(this.#stream), signal }
        const connection = await connect(destination.target, how)
        health.work(server)
        this.#failovers += this.#lastServer !== null && this.#lastServer !== server ? 1 : 0
        this.#lastServer = server
        return connection
      } catch (thrown) {
        if (this.#closed) {
          break
        }
        const error = toError(thrown)
        if (error instanceof RejectedError) {
          health.work(server)
        } else {
          health.fail(server)
        }
        const reason = `${destination.shown}: ${redactSecrets(error.message)}`
        reasons.push(reason)
        this.#fail(reason)
      }
    }
    throw new RejectedError(`no origin takes the stream: ${reasons.join('; ')}`)
  }

  async #rest(): Promise<void> {
    if (this.#closed) {
      return
    }
    this.#enter('waiting')
    const { signal } = this.#stopping
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#backoff.fail())
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          resolve()
        },
        { once: true },
      )
    })
  }

  #fail(reason: string): void {
    this.#failures++
    this.#lastError = reason
    this.#logger.warn({ origin: this.#address, reason, failures: this.#failures }, 'push failed')
  }

  #enter(state: RelayState): void {
    if (state !== this.#state && !this.#closed) {
      this.#state = state
      this.#since = this.#setup.clock.wallTime()
    }
  }
}
