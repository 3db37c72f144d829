import { Backoff, type BackoffOptions, type Clock, type Logger, type Ms, toError } from '../../base/index.ts'
import type { RelayState, RelayStatus, Stream } from '../../live/index.ts'
import type { RtmpPublisherOptions, RtmpTarget } from '../../rtmp/index.ts'
import type { RelayMetadata } from '../rtmp-format.ts'
import type { Destination } from './destination.ts'
import { type ForwardConnection, type ForwardCounts, ForwardSession } from './forward-session.ts'

/** How long a destination that fails is left alone: 1 s, 2 s, 4 s ... 15 s; by chance up to half of that less. */
export const FORWARD_BACKOFF: BackoffOptions = {
  firstMs: 1000,
  maxMs: 15_000,
  jitter: 0.5,
  healthyMs: 10_000,
}

/** Publishes to a destination; `RtmpPublisher.publish` does. */
export type ForwardConnect = (target: RtmpTarget, options: RtmpPublisherOptions) => Promise<ForwardConnection>

/** What a `ForwardOutput` is made with. */
export type ForwardOutputSetup = Readonly<{
  /** Unique in this process. */
  id: string
  /** What is sent. */
  stream: Stream
  /** Where to. */
  destination: Destination
  /** The servers that the stream has come through, this one last. */
  trail: RelayMetadata['trail']
  /** How to connect; asked before each attempt. */
  options: () => RtmpPublisherOptions
  /** Publishes to the destination. */
  connect: ForwardConnect
  /**
   * Asked before each attempt: two streams at one place would replace each other for ever.
   * @returns the stream that is sent there; null if none is, and then the place is this one's until it is closed
   */
  claim: (output: ForwardOutput) => string | null
  /** Says for how long a connection has lasted. */
  clock: Clock
  /** Told of each begin, failure and end. */
  logger: Logger
  /** For the jitter of the waits. Default `Math.random`. */
  random?: () => number
}>

/** One stream on its way to one destination, from the first attempt until it is closed; whatever fails is tried again. */
export class ForwardOutput {
  /** Where to. */
  readonly destination: Destination
  /** What is sent. */
  readonly stream: Stream
  readonly #setup: ForwardOutputSetup
  readonly #logger: Logger
  readonly #backoff: Backoff
  readonly #connecting = new AbortController()
  #state: RelayState = 'connecting'
  #since: Ms
  #failures = 0
  #lastError: string | null = null
  /** Over connections that are gone. */
  #sent: ForwardCounts = { bytes: 0, frames: 0, skips: 0 }
  #session: ForwardSession | null = null
  #wake: (() => void) | null = null
  readonly #done: Promise<void>

  /** Begins at once. */
  constructor(setup: ForwardOutputSetup) {
    const { id, stream, destination, clock, logger } = setup
    this.destination = destination
    this.stream = stream
    this.#setup = setup
    this.#logger = logger.child({ relay: id, stream: stream.key, destination: destination.shown })
    this.#backoff = new Backoff(FORWARD_BACKOFF, clock, setup.random)
    this.#since = clock.wallTime()
    this.#done = this.#run()
  }

  /** What it does, and has done. */
  get status(): RelayStatus {
    return {
      id: this.#setup.id,
      kind: 'forward',
      stream: this.stream.key,
      address: this.destination.shown,
      state: this.#state,
      since: this.#since,
      failures: this.#failures,
      failovers: 0,
      lastError: this.#lastError,
      ...this.#counts,
      lagMs: this.#session?.lagMs ?? 0,
    }
  }

  /** Tries again at once, if it waits to. */
  retryNow(): void {
    this.#wake?.()
  }

  /** Unpublishes, and ends for good. Idempotent; resolves when nothing is left. */
  async close(): Promise<void> {
    this.#set('closed')
    if (this.#session === null) {
      this.#connecting.abort(new Error('it is closed'))
    }
    this.#session?.end('it is closed')
    this.retryNow()
    await this.#done
  }

  get #counts(): ForwardCounts {
    const { bytes, frames, skips } = this.#sent
    const now = this.#session?.counts ?? { bytes: 0, frames: 0, skips: 0 }
    return { bytes: bytes + now.bytes, frames: frames + now.frames, skips: skips + now.skips }
  }

  get #closed(): boolean {
    return this.#state === 'closed'
  }

  async #run(): Promise<void> {
    // Whoever makes this has it before anything is asked of it.
    await null
    while (!this.#closed) {
      const reason = await this.#attempt()
      if (!this.#closed) {
        await this.#fail(reason)
      }
    }
  }

  /** Connects, and sends for as long as that lasts. Returns why it ended. */
  async #attempt(): Promise<string> {
    const { connect, options, trail, claim } = this.#setup
    const other = claim(this)
    if (other !== null) {
      return `${other} is sent there already`
    }
    this.#set('connecting')
    try {
      const { signal } = this.#connecting
      const connection = await connect(this.destination.target, { ...options(), relayTrail: trail(), signal })
      return await this.#send(connection)
    } catch (error) {
      return this.#withoutSecrets(toError(error).message)
    }
  }

  async #send(connection: ForwardConnection): Promise<string> {
    if (this.#closed) {
      await connection.close()
      return 'it is closed'
    }
    const session = new ForwardSession(this.stream, connection, this.#setup.trail)
    this.#session = session
    this.#set('running')
    this.#backoff.work()
    const { withheld } = session
    this.#logger.info(
      { failures: this.#failures, ...(withheld === null ? {} : { withheld }) },
      'forward started',
    )
    const reason = this.#withoutSecrets(await session.ended)
    await session.close()
    this.#sent = this.#counts
    this.#session = null
    if (this.#closed) {
      this.#logger.info(this.#sent, 'forward stopped')
    }
    return reason
  }

  async #fail(reason: string): Promise<void> {
    const waitMs = Math.round(this.#backoff.fail())
    this.#failures++
    this.#lastError = reason
    this.#set('waiting')
    this.#logger.warn({ reason, failures: this.#failures, waitMs }, 'forward failed')
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = null
  }

  #set(state: RelayState): void {
    if (state !== this.#state && !this.#closed) {
      this.#state = state
      this.#since = this.#setup.clock.wallTime()
    }
  }

  /** Servers repeat what they were asked for. */
  #withoutSecrets(message: string): string {
    const { secret } = this.destination
    return secret === ''
      ? message
      : message.replaceAll(secret, '***').replaceAll(secret.replace(/\?.*$/, ''), '***')
  }
}
